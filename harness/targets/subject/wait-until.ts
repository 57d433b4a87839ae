// Waits until a condition of a spec holds, and throws a Violation if it does not hold in time.
import { Violation } from '../../../specs/subject/expect';
import type { Subject } from '../../../specs/subject/subject';
import { poll } from './poll';

/**
 * Makes the function `until` of a spec. This function throws a Violation if its condition does not hold in time.
 *
 * @param patienceMs time limit for each wait, milliseconds
 */
export function waitUntil(patienceMs: number): Subject['until'] {
  return async (label, probe, condition, otherwise) => {
    const [met, value] = await poll(probe, condition, patienceMs);
    if (met) return value;
    const seconds = patienceMs / 1000;
    const { expected, actual, about } = otherwise;
    throw new Violation(label, expected, await actual(value, seconds), about);
  };
}
