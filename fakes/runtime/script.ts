// Recognises what a container would run and turns it into instructions that can be stopped and resumed anywhere.
import { type Command, literal, type Redirection, splitScript, UnreadScript, type Word } from './shell-words';

export type TermReaction = 'die' | 'ignore' | { readonly exit: number };

export type Instruction =
  | { readonly do: 'set'; readonly name: string; readonly value: Word }
  | { readonly do: 'say'; readonly words: readonly Word[]; readonly redirection?: Redirection }
  | { readonly do: 'date' }
  | { readonly do: 'sleep'; readonly milliseconds: number; readonly amount: string }
  /** A sleep that nobody waits for. */
  | { readonly do: 'spawn'; readonly milliseconds: number; readonly amount: string }
  | { readonly do: 'jump'; readonly to: number }
  | { readonly do: 'status'; readonly code: number }
  | { readonly do: 'trap'; readonly reaction: TermReaction }
  | { readonly do: 'exit'; readonly code?: number };

/** undefined: not recognised; it runs silently until it is stopped. */
export type Script = readonly Instruction[] | undefined;

const SHELLS = new Set(['sh', 'bash', 'ash', 'dash']);
const SECONDS_OF: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;
const TERM_NAMES = new Set(['TERM', 'SIGTERM', '15']);

const basename = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Milliseconds of a `sleep` argument; undefined where it is none. */
function duration(text: string | undefined): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text ?? '');
  return match ? Number(match[1]) * (SECONDS_OF[match[2] ?? ''] ?? 1) * 1000 : undefined;
}

function exitCode(word: Word | undefined): number | undefined {
  const text = literal(word);
  if (word === undefined) return undefined;
  if (text === undefined || !/^\d+$/.test(text)) throw new UnreadScript('an exit code that is no number');
  return Number(text) % 256;
}

function trap(words: readonly Word[]): Instruction | undefined {
  const action = literal(words[0]);
  const signals = words.slice(1).map(literal);
  if (action === undefined || signals.length === 0) throw new UnreadScript('a trap that is not simple');
  if (!signals.some((name) => name !== undefined && TERM_NAMES.has(name))) return undefined;
  if (action === '') return { do: 'trap', reaction: 'ignore' };
  if (action === '-') return { do: 'trap', reaction: 'die' };
  const exit = /^exit(?:\s+(\d+))?$/.exec(action.trim());
  if (!exit) throw new UnreadScript('a trap that does more than exit');
  return { do: 'trap', reaction: { exit: Number(exit[1] ?? 0) % 256 } };
}

/** What one simple command becomes; an empty list for one without effect here. */
function simple(command: Command): Instruction[] {
  const [first, ...rest] = command.words;
  const name = literal(first);
  const head = first?.[0];
  const assignment = head && 'text' in head ? ASSIGNMENT.exec(head.text) : null;
  if (head && 'text' in head && assignment && rest.length === 0) {
    const value = [{ text: head.text.slice(assignment[0].length) }, ...(first?.slice(1) ?? [])];
    return [{ do: 'set', name: assignment[1] ?? '', value }];
  }
  switch (basename(name ?? '')) {
    case 'echo':
      return [{ do: 'say', words: rest, ...(command.redirection && { redirection: command.redirection }) }];
    case 'date':
      if (rest.length > 0 || command.redirection) break;
      return [{ do: 'date' }];
    case 'sleep': {
      const amount = literal(rest[0]);
      const milliseconds = duration(amount);
      if (amount === undefined || milliseconds === undefined || rest.length > 1) break;
      return [{ do: command.background ? 'spawn' : 'sleep', milliseconds, amount }];
    }
    case 'exit': {
      const code = exitCode(rest[0]);
      return [code === undefined ? { do: 'exit' } : { do: 'exit', code }];
    }
    case 'trap': {
      const instruction = trap(rest);
      return instruction ? [instruction] : [];
    }
    case 'exec':
      return [...simple({ ...command, words: rest }), { do: 'exit' }];
    case 'true':
    case ':':
    case 'set':
    case 'cd':
      return [{ do: 'status', code: 0 }];
    case 'false':
      return [{ do: 'status', code: 1 }];
  }
  throw new UnreadScript(`the command ${name ?? ''}`);
}

function compile(commands: readonly Command[]): Instruction[] {
  const instructions: Instruction[] = [];
  const loops: number[] = [];
  let condition = false;
  for (const command of commands) {
    let words = command.words;
    const keyword = literal(words[0]);
    if (command.background && (keyword === 'while' || keyword === 'done')) throw new UnreadScript('a background loop');
    if (keyword === 'while') {
      const test = literal(words[1]);
      if (words.length !== 2 || (test !== 'true' && test !== ':')) throw new UnreadScript('a condition');
      condition = true;
      continue;
    }
    if (condition) {
      if (keyword !== 'do') throw new UnreadScript('a while without do');
      condition = false;
      loops.push(instructions.length);
      words = words.slice(1);
      if (words.length === 0) continue;
    } else if (keyword === 'done') {
      const to = loops.pop();
      if (to === undefined || words.length > 1) throw new UnreadScript('a done');
      instructions.push({ do: 'jump', to });
      continue;
    }
    const own = simple({ ...command, words });
    if (command.background && own[0]?.do !== 'spawn') throw new UnreadScript('a background command but sleep');
    instructions.push(...own);
  }
  if (condition || loops.length > 0) throw new UnreadScript('an open loop');
  return [...instructions, { do: 'exit' }];
}

/**
 * Recognises a program by its arguments: `sh -c` with a script of `echo`, `sleep` (in the background too), `exit`, `trap`,
 * `date`, variables, additions, `$(head -c N /dev/zero | tr ...)` and endless loops, or one of these commands by itself.
 */
export function recognise(argv: readonly string[]): Script {
  const own = basename(argv[0] ?? '') === 'busybox' ? argv.slice(1) : argv;
  const program = basename(own[0] ?? '');
  try {
    if (SHELLS.has(program)) {
      const flag = own[1] ?? '';
      const text = own[2];
      return /^-[a-z]*c$/.test(flag) && text !== undefined ? compile(splitScript(text)) : undefined;
    }
    if (program === 'exit' || program === 'trap' || program === 'exec') return undefined;
    return compile([{ words: own.map((text) => [{ text }]) }]);
  } catch (error) {
    if (error instanceof UnreadScript) return undefined;
    throw error;
  }
}
