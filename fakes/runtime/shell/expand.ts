// Expands the words of a script to text.
import type { Piece, Word } from './shell-words';

/** The values for expansions. */
export interface Values {
  /** Returns the value of a variable, or undefined if it is not set. */
  variable(name: string): string | undefined;
  /** Runs a script and returns its output without trailing newlines. */
  output(script: string): string;
}

/** Expands a word to one text. White space in expansions does not split the word. */
export function expand(word: Word, values: Values): string {
  return word.map((piece) => textOf(piece, values)).join('');
}

/**
 * Expands a word and splits it at the white space of unquoted expansions. Returns any number of fields, including none.
 */
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

/** Returns the memory that a word allocates in addition to its text, bytes. */
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
