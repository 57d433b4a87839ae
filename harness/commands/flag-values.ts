// Parses the values of flags, from the command line and from the file of `--config`.
import type { RunFlag } from './run-flags';

/**
 * Parses a number.
 *
 * @throws RangeError that says which numbers are valid
 */
export function numberOf({ range }: Pick<RunFlag, 'range'>, text: string): number {
  const number = Number(text);
  if (range) {
    const [from, to] = range;
    if (!/^\d+$/.test(text) || number < from || number > to)
      throw new RangeError(`give a whole number from ${from} to ${to}`);
  } else if (!(number > 0)) throw new RangeError('give a number of seconds above 0');
  return number;
}
