// Turns the words of a script into text.
import type { Piece, Word } from './shell-words';

/** What expansions stand for. */
export interface Values {
  /** The value of a variable; undefined where it is not set. */
  variable(name: string): string | undefined;
  /** What a script writes, without the line ends at its end. */
  output(script: string): string;
}

/** A word as one text, whatever white space its expansions bring. */
export function expand(word: Word, values: Values): string {
  return word.map((piece) => textOf(piece, values)).join('');
}

/** The fields that a word is cut into at the white space of expansions that are not quoted: one, several or none. */
export function fields(word: Word, values: Values): string[] {
  const done: string[] = [];
  let current: string | undefined;
  for (const piece of word) {
    const text = textOf(piece, values);
    if (!('quoted' in piece) || piece.quoted) {
      current = (current ?? '') + text;
      continue;
    }
    for (const [run] of text.matchAll(/[ \t\n]+|[^ \t\n]+/g)) {
      if (!/^[ \t\n]/.test(run)) current = (current ?? '') + run;
      else if (current !== undefined) {
        done.push(current);
        current = undefined;
      }
    }
  }
  return current === undefined ? done : [...done, current];
}

/** Bytes that a word is made of beyond its text. */
export const heldBytes = (word: Word) => word.reduce((sum, piece) => sum + ('bytes' in piece ? piece.bytes : 0), 0);

function textOf(piece: Piece, values: Values): string {
  if ('text' in piece) return piece.text;
  if ('bytes' in piece) return '';
  if ('script' in piece) return values.output(piece.script);
  if ('variable' in piece) return values.variable(piece.variable) ?? '';
  const number = (operand: string) => Number(/^\d/.test(operand) ? operand : (values.variable(operand) ?? '0')) || 0;
  const [left, right] = [number(piece.left), number(piece.right)];
  return String(piece.operator === '+' ? left + right : piece.operator === '-' ? left - right : left * right);
}
