// Combines the attempts of one spec into one result with the worst status and the number of passes.
import type { Result, Status } from '../report/results';

/** The statuses in order of precedence for the combined result. */
const WORST_FIRST: readonly Status[] = ['fail', 'error', 'known-failure', 'unsupported', 'pass', 'skipped'];

/**
 * Combines the attempts of one spec. A spec that passed only sometimes does not pass.
 *
 * @param attempts results of the same spec, in the order in which they ran
 * @returns the worst result, with the total duration and the status of every attempt
 */
export function combineAttempts(attempts: readonly [Result, ...Result[]]): Result {
  const [first] = attempts;
  if (attempts.length === 1) return first;
  const weight = ({ status }: Result) => WORST_FIRST.indexOf(status);
  const worst = attempts.reduce((one, other) => (weight(other) < weight(one) ? other : one));
  const passed = attempts.filter(({ status }) => status === 'pass').length;
  const isFlaky = passed > 0 && worst.status !== 'pass';
  return {
    ...worst,
    ...(isFlaky ? { reason: `it passed ${passed} of ${attempts.length} times; ${worst.reason}` } : {}),
    durationMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
    attempts: attempts.map(({ status }) => status),
  };
}

/**
 * Returns the result of a spec that failed while other specs ran and was repeated alone. The result of the repetition
 * counts.
 */
export function repeatedAlone(before: Result, after: Result): Result {
  if (after.status === 'skipped') return after;
  const durationMs = before.durationMs + after.durationMs;
  return { ...after, durationMs, attempts: [before.status, after.status] };
}
