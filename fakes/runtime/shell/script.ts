// Parses the command line of a container and compiles it to instructions that can be frozen and resumed.

import { isProgram } from '../programs/programs';
import { endsAtOnce, type Instruction, type Script } from './instruction';
import { netcat } from './netcat';
import { type Command, literal, splitScript, UnreadScript, type Word } from './shell-words';
import { trap } from './trap';

const SHELLS = new Set(['sh', 'bash', 'ash', 'dash']);
const NETCAT = 'nc';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;
const NO_EFFECT = new Set(['set', 'cd', 'export', 'umask', 'sync']);
/** Keywords that end a list of commands. Anywhere else they are a syntax error. */
const ENDS: ReadonlySet<string> = new Set(['do', 'done', 'then', 'elif', 'else', 'fi']);
const FOREVER: Word = [{ text: 'infinity' }];

/** Returns whether a command line runs a shell. */
export const isShell = (argv: readonly string[]) => SHELLS.has(basename(argv[0] ?? ''));

export const basename = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/**
 * Compiles one simple command. With `lenient`, unknown programs are accepted and fail with "not found" when they run.
 */
function simple({ words, redirections, end }: Command, lenient: boolean): Instruction[] {
  const [first, ...rest] = words;
  const head = first?.[0];
  const assignment = head && 'text' in head ? ASSIGNMENT.exec(head.text) : null;
  if (head && 'text' in head && assignment && rest.length === 0) {
    const value = [{ text: head.text.slice(assignment[0].length) }, ...(first?.slice(1) ?? [])];
    return [{ do: 'set', name: assignment[1] ?? '', value }];
  }
  const name = basename(literal(first) ?? '');
  if (end === '&') {
    if (redirections.length > 0) throw new UnreadScript('a redirection of a background command');
    const reason = notSupported(words.map((word) => literal(word) ?? ''));
    if (reason !== undefined) throw new UnreadScript(reason);
    return [{ do: 'spawn', words }];
  }
  switch (name) {
    case 'sleep':
      return [{ do: 'sleep', amount: rest[0] ?? [] }];
    case 'wait':
      return [{ do: 'wait' }];
    case 'exit':
      return [{ do: 'exit', ...(rest[0] && { code: rest[0] }) }];
    case 'trap':
      return trap(rest);
    case 'exec':
      if (rest.length === 0) return [{ do: 'redirect', redirections }];
      return [...simple({ words: rest, redirections, end }, lenient), { do: 'exit' }];
  }
  if (SHELLS.has(name) || (name === NETCAT && netcat(words, literal))) {
    if (redirections.length > 0) throw new UnreadScript(`${name} with redirections`);
    const argv = words.map(literal);
    const reason = argv.every((word) => word !== undefined) ? notSupported(argv) : undefined;
    if (reason !== undefined) throw new UnreadScript(reason);
    return [{ do: 'call', words }];
  }
  if (NO_EFFECT.has(name)) return [{ do: 'run', words: [[{ text: 'true' }]], redirections: [] }];
  if (!lenient && name === 'env' && rest.length > 0) throw new UnreadScript('env with arguments');
  if (!lenient && !isProgram(name)) throw new UnreadScript(`the command ${name}`);
  return [{ do: 'run', words, redirections }];
}

interface Loop {
  readonly start: number;
  readonly overWords?: true;
  /** The jumps of `break`, whose targets are set at the end of the loop. */
  readonly breaks: { to: number }[];
}

/** Requires that the script in `$(...)` is supported and ends at once, because it runs while a word is expanded. */
function checkSubstitutions({ words, redirections }: Command, lenient: boolean): void {
  const paths = redirections.flatMap((one) => ('path' in one ? [one.path] : []));
  for (const piece of [...words, ...paths].flat()) {
    if (!('script' in piece)) continue;
    const script = new Compiler(splitScript(piece.script), lenient).script();
    if (!endsAtOnce(script)) throw new UnreadScript('a substitution that waits');
  }
}

/** Compiles commands to instructions. Jumps refer to indices in the list of instructions. */
class Compiler {
  readonly instructions: Instruction[] = [];
  readonly #commands: Command[];
  readonly #lenient: boolean;
  readonly #loops: Loop[] = [];

  constructor(commands: readonly Command[], lenient: boolean) {
    for (const command of commands) checkSubstitutions(command, lenient);
    this.#commands = [...commands];
    this.#lenient = lenient;
  }

  script(): Instruction[] {
    this.#list();
    if (this.#commands.length > 0) throw new UnreadScript('a keyword out of place');
    return [...this.instructions, { do: 'exit' }];
  }

  /** Compiles commands up to a keyword that ends a list. */
  #list(): void {
    let skip: { to: number } | undefined;
    for (;;) {
      const [command] = this.#commands;
      const keyword = literal(command?.words[0]);
      if (command === undefined || (keyword !== undefined && ENDS.has(keyword))) break;
      const end = this.#command(command, keyword);
      if (skip) skip.to = this.instructions.length;
      skip = undefined;
      if (end === '&&') skip = this.#emit({ do: 'branch', when: 'failed', to: 0 });
      if (end === '||') skip = this.#emit({ do: 'branch', when: 'ok', to: 0 });
    }
    if (skip) throw new UnreadScript('nothing after && or ||');
  }

  /** Compiles one command of any kind. Returns the separator after it. */
  #command(command: Command, keyword: string | undefined): Command['end'] {
    switch (keyword) {
      case 'while':
      case 'until':
        this.#keyword(keyword);
        return this.#loop(keyword === 'while' ? 'failed' : 'ok');
      case 'for':
        return this.#loopOverWords();
      case 'if':
        this.#keyword(keyword);
        return this.#choice();
      case 'break':
      case 'continue': {
        const loop = this.#loops.at(-1);
        if (!loop || command.words.length > 1) throw new UnreadScript(keyword);
        const jump = this.#back(loop);
        if (keyword === 'break') loop.breaks.push(jump);
        break;
      }
      default:
        this.instructions.push(...simple(command, this.#lenient));
    }
    this.#commands.shift();
    return command.end;
  }

  #loop(leave: 'ok' | 'failed'): Command['end'] {
    const loop: Loop = { start: this.instructions.length, breaks: [] };
    this.#list();
    loop.breaks.push(this.#emit({ do: 'branch', when: leave, to: 0 }));
    return this.#body(loop);
  }

  #loopOverWords(): Command['end'] {
    const command = this.#commands.shift();
    const [, variable, preposition, ...words] = command?.words ?? [];
    const name = literal(variable) ?? '';
    const isUsual = NAME.test(name) && literal(preposition) === 'in' && command?.end === ';';
    if (!isUsual || command.redirections.length > 0) throw new UnreadScript('a for loop that is not simple');
    this.#emit({ do: 'rounds', words });
    const start = this.instructions.length;
    return this.#body({ start, overWords: true, breaks: [this.#emit({ do: 'round', name, to: 0 })] });
  }

  /** Compiles the part of a loop between `do` and `done`. */
  #body(loop: Loop): Command['end'] {
    this.#keyword('do');
    this.#loops.push(loop);
    this.#list();
    this.#loops.pop();
    this.#back(loop);
    for (const jump of loop.breaks) jump.to = this.instructions.length;
    return this.#last('done');
  }

  #back({ start, overWords }: Loop) {
    return this.#emit({ do: 'jump', ...(overWords && { overWords }), to: start });
  }

  #choice(): Command['end'] {
    this.#list();
    const otherwise = this.#emit({ do: 'branch', when: 'failed', to: 0 });
    this.#keyword('then');
    this.#list();
    const after = this.#emit({ do: 'jump', to: 0 });
    otherwise.to = this.instructions.length;
    const next = literal(this.#commands[0]?.words[0]);
    if (next === 'elif') {
      this.#keyword('elif');
      const end = this.#choice();
      after.to = this.instructions.length;
      return end;
    }
    if (next === 'else') {
      this.#keyword('else');
      this.#list();
    }
    after.to = this.instructions.length;
    return this.#last('fi');
  }

  /** Removes a keyword from the start of the next command. */
  #keyword(word: string): void {
    const [command] = this.#commands;
    if (!command || literal(command.words[0]) !== word) throw new UnreadScript(`a missing ${word}`);
    const words = command.words.slice(1);
    if (words.length > 0) this.#commands[0] = { ...command, words };
    else this.#commands.shift();
  }

  /** Removes the last keyword of a compound command. Returns the separator after it. */
  #last(word: string): Command['end'] {
    const [command] = this.#commands;
    if (!command || command.words.length > 1 || command.redirections.length > 0 || command.end === '&') {
      throw new UnreadScript(`something after ${word}`);
    }
    this.#keyword(word);
    return command.end;
  }

  #emit<I extends Instruction>(instruction: I): I {
    this.instructions.push(instruction);
    return instruction;
  }
}

function compile(argv: readonly string[], lenient: boolean): readonly Instruction[] {
  const own = basename(argv[0] ?? '') === 'busybox' ? argv.slice(1) : argv;
  const program = basename(own[0] ?? '');
  if (SHELLS.has(program)) {
    const [, flag = '', text] = own;
    if (!/^-[a-z]*c$/.test(flag) || text === undefined) throw new UnreadScript(`${program} without -c`);
    return new Compiler(splitScript(text), lenient).script();
  }
  if (program === NETCAT) {
    const opens = netcat(
      own.map((text) => [{ text }]),
      literal,
    );
    if (!opens) throw new UnreadScript('nc with anything but a unix socket');
    return [opens, { do: 'exit' }];
  }
  if (program !== 'sleep' && !isProgram(program)) {
    throw new UnreadScript(program === '' ? 'an empty command' : `the program ${program}`);
  }
  return [...simple({ words: own.map((text) => [{ text }]), redirections: [], end: ';' }, lenient), { do: 'exit' }];
}

/** Maximum number of compiled scripts in the cache. Thousands of containers run the same few scripts. */
const KNOWN_SCRIPTS = 200;
const known = new Map<string, readonly Instruction[] | UnreadScript>();

/** Compiles a command line, or returns the error that names the unsupported part. */
function compiled(argv: readonly string[], lenient: boolean): readonly Instruction[] | UnreadScript {
  const key = JSON.stringify([lenient, ...argv]);
  let script = known.get(key);
  if (script !== undefined) return script;
  try {
    script = compile(argv, lenient);
  } catch (error) {
    if (!(error instanceof UnreadScript)) throw error;
    script = error;
  }
  if (known.size >= KNOWN_SCRIPTS) known.clear();
  known.set(key, script);
  return script;
}

/**
 * Compiles a command line. The README lists the supported syntax and programs.
 * @param lenient whether to accept unknown programs, which fail with "not found" when they run
 * @returns undefined if the command line is not supported
 */
export function recognise(argv: readonly string[], { lenient = false } = {}): Script {
  const script = compiled(argv, lenient);
  return script instanceof UnreadScript ? undefined : script;
}

/**
 * Returns the part of a command line that is not supported, such as `the program nginx`; undefined if all of it is
 * supported.
 */
export function notSupported(argv: readonly string[]): string | undefined {
  const script = compiled(argv, false);
  return script instanceof UnreadScript ? script.message : undefined;
}

/**
 * Joins two scripts so that the second one starts when the first one ends. If the second one is not supported, the
 * result runs until it is stopped.
 */
export function inTurn(first: readonly Instruction[], second: Script): readonly Instruction[] {
  const start = first.slice(0, -1);
  const by = start.length;
  const rest: readonly Instruction[] = second ?? [{ do: 'sleep', amount: FOREVER }, { do: 'exit' }];
  return [...start, ...rest.map((one) => ('to' in one ? { ...one, to: one.to + by } : one))];
}
