// Waits for a condition on behalf of a spec; throws a Violation if the condition does not hold in time.
import { Violation } from '../../../specs/subject/expect';
import type { Subject } from '../../../specs/subject/subject';
import { poll } from './poll';

/** @param patienceMs time limit, milliseconds */
export function waitUntil(patienceMs: number): Subject['until'] {
  return async (label, probe, condition, otherwise) => {
    const [met, value] = await poll(probe, condition, patienceMs);
    if (met) return value;
    const seconds = patienceMs / 1000;
    const { expected, actual, about } = otherwise;
    throw new Violation(label, expected, await actual(value, seconds), about);
  };
}
