// Turns the words of a script into text.
import type { Piece, Word } from './shell-words';

/** The value of a variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

export function expand(word: Word, lookup: Lookup): string {
  return word.map((piece) => textOf(piece, lookup)).join('');
}

/** Bytes that a word is made of beyond its text. */
export const heldBytes = (word: Word) => word.reduce((sum, piece) => sum + ('bytes' in piece ? piece.bytes : 0), 0);

function textOf(piece: Piece, lookup: Lookup): string {
  if ('text' in piece) return piece.text;
  if ('bytes' in piece) return '';
  if ('variable' in piece) return lookup(piece.variable) ?? '';
  const number = (operand: string) => Number(/^\d/.test(operand) ? operand : (lookup(operand) ?? '0')) || 0;
  const [left, right] = [number(piece.left), number(piece.right)];
  return String(piece.operator === '+' ? left + right : piece.operator === '-' ? left - right : left * right);
}
