// Waits for a condition on behalf of a spec; throws a Violation if the condition does not hold in time.
import { Violation } from '../../../specs/subject/expect';
import type { Subject } from '../../../specs/subject/subject';
import { poll } from './poll';

/** @param patienceMs time limit, milliseconds */
export function waitUntil(patienceMs: number): Subject['until'] {
  return async (what, probe, condition) => {
    const [met, value] = await poll(probe, condition, patienceMs);
    if (!met) throw new Violation(what, `a change within ${patienceMs / 1000} s`, JSON.stringify(value));
    return value;
  };
}
