// The value of a flag from its text, alike wherever the text came from.
import type { RunFlag } from './run-flags';

/** A number from the text. Throws a RangeError that says what it should be. */
export function numberOf({ range }: Pick<RunFlag, 'range'>, text: string): number {
  const number = Number(text);
  if (range) {
    const [from, to] = range;
    if (!/^\d+$/.test(text) || number < from || number > to)
      throw new RangeError(`give a whole number from ${from} to ${to}`);
  } else if (!(number > 0)) throw new RangeError('give a number of seconds above 0');
  return number;
}
