// Splits a shell script into commands, words and redirections. Supports the part of the shell language that pods in
// test suites use.
import { substitution } from './substitution';

/**
 * A part of a word: literal text, the value of a variable, the output of a script, a number of bytes whose content does
 * not matter, or an arithmetic expression. Unquoted values and outputs are split at white space.
 */
export type Piece =
  | { readonly text: string }
  | { readonly variable: string; readonly quoted: boolean }
  | { readonly script: string; readonly quoted: boolean }
  | { readonly bytes: number }
  | { readonly left: string; readonly operator: '+' | '-' | '*'; readonly right: string };

export type Word = readonly Piece[];

/** The new target of a file descriptor: the target of another descriptor, or a file. */
export type Redirection = { readonly fd: number } & (
  | { readonly like: number }
  | { readonly path: Word; readonly append: boolean }
);

export interface Command {
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
  /** The separator after the command. */
  readonly end: ';' | '&' | '&&' | '||';
}

const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]*|\?)/;
const ARITHMETIC = /^\$\(\(\s*([A-Za-z_]\w*|\d+)\s*([-+*])\s*([A-Za-z_]\w*|\d+)\s*\)\)/;
/** `$(head -c N /dev/zero)`, optionally with `tr`: allocates N bytes of memory. */
const BYTES = /^\$\(\s*head\s+-c\s*(\d+)([kMG]?)\s+\/dev\/zero\s*(?:\|\s*tr\s+[^|()]+)?\)/;
const BYTES_OF: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const REDIRECTION = /^(\d?)>(>?)(?:&(\d))?/;
/** Matches a bracket that is a separate word, as for `test`. Other brackets are patterns. */
const BRACKET = /^[[\]](?=[\s;&|]|$)/;
/** Characters that have an unsupported meaning outside of quotes. */
const UNREAD = /[|(){}<*?[\]#~]/;

/** Thrown for unsupported syntax. A script is either supported completely or not at all. */
export class UnreadScript extends Error {}

/**
 * Splits a script into its commands, in order.
 * @throws UnreadScript for syntax that is not supported
 */
export function splitScript(script: string): Command[] {
  const commands: Command[] = [];
  let words: Word[] = [];
  let redirections: Redirection[] = [];
  let pieces: Piece[] | undefined;
  let target: { fd: number; append: boolean } | undefined;
  let rest = script;

  const take = (length: number) => {
    const taken = rest.slice(0, length);
    rest = rest.slice(length);
    return taken;
  };
  const add = (piece: Piece) => {
    pieces ??= [];
    const last = pieces.at(-1);
    if (last && 'text' in last && 'text' in piece) pieces[pieces.length - 1] = { text: last.text + piece.text };
    else pieces.push(piece);
  };
  const endWord = () => {
    if (pieces === undefined) return;
    if (target) redirections.push({ ...target, path: pieces });
    else words.push(pieces);
    pieces = undefined;
    target = undefined;
  };
  const endCommand = (end: Command['end']) => {
    endWord();
    if (target) throw new UnreadScript('a redirection without a target');
    if (words.length > 0) commands.push({ words, redirections, end });
    else if (end !== ';' || redirections.length > 0) throw new UnreadScript(`nothing before ${end}`);
    words = [];
    redirections = [];
  };
  const expand = (quoted: boolean) => {
    const sum = ARITHMETIC.exec(rest);
    if (sum) {
      take(sum[0].length);
      add({ left: sum[1] ?? '', operator: sum[2] === '-' ? '-' : sum[2] === '*' ? '*' : '+', right: sum[3] ?? '' });
      return;
    }
    const bytes = BYTES.exec(rest);
    if (bytes) {
      take(bytes[0].length);
      add({ bytes: Number(bytes[1]) * (BYTES_OF[bytes[2] ?? ''] ?? 1) });
      return;
    }
    if (/^(?:`|\$\((?!\())/.test(rest)) {
      const found = substitution(rest, quoted);
      if (!found) throw new UnreadScript('an open substitution');
      take(found.length);
      add({ script: found.script, quoted });
      return;
    }
    take(1);
    const braced = rest.startsWith('{');
    if (braced) take(1);
    const name = NAME.exec(rest)?.[0];
    if (name === undefined) throw new UnreadScript('an expansion that is not a variable');
    add({ variable: take(name.length), quoted });
    if (braced && take(1) !== '}') throw new UnreadScript('an expansion with more than a name');
  };
  const quoted = () => {
    add({ text: '' });
    while (!rest.startsWith('"')) {
      if (rest === '') throw new UnreadScript('an open quote');
      if (/^[$`]/.test(rest)) expand(true);
      else if (/^\\["\\$`]/.test(rest)) add({ text: take(2).slice(1) });
      else add({ text: take(1) });
    }
    take(1);
  };

  while (rest !== '') {
    const next = rest.charAt(0);
    const redirection = pieces === undefined || next === '>' ? REDIRECTION.exec(rest) : null;
    const joint = /^(?:&&|\|\||[;&\n])/.exec(rest)?.[0];
    if (redirection) {
      endWord();
      if (target) throw new UnreadScript('a redirection without a target');
      take(redirection[0].length);
      const fd = Number(redirection[1] || 1);
      if (redirection[3] === undefined) target = { fd, append: redirection[2] === '>' };
      else redirections.push({ fd, like: Number(redirection[3]) });
    } else if (joint) {
      take(joint.length);
      endCommand(joint === '&&' || joint === '||' || joint === '&' ? joint : ';');
    } else if (next === ' ' || next === '\t') {
      take(1);
      endWord();
    } else if (next === "'") {
      const end = rest.indexOf("'", 1);
      if (end < 0) throw new UnreadScript('an open quote');
      add({ text: take(end + 1).slice(1, -1) });
    } else if (next === '"') {
      take(1);
      quoted();
    } else if (next === '$' || next === '`') expand(false);
    else if (next === '\\') add({ text: take(2).slice(1) });
    else if (pieces === undefined && BRACKET.test(rest)) add({ text: take(1) });
    else if (UNREAD.test(next)) throw new UnreadScript(`"${next}"`);
    else add({ text: take(1) });
  }
  endCommand(';');
  return commands;
}

/** Returns the text of a word, or undefined if the word contains expansions. */
export function literal(word: Word | undefined): string | undefined {
  if (word === undefined) return undefined;
  let text = '';
  for (const piece of word) {
    if (!('text' in piece)) return undefined;
    text += piece.text;
  }
  return text;
}
