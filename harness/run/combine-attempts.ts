// One result of a spec that ran several times: the worst that came, and how often it passed.
import type { Result, Status } from '../report/results';

/** What one attempt said outweighs what another one did. */
const WORST_FIRST: readonly Status[] = ['fail', 'error', 'known-failure', 'unsupported', 'pass', 'skipped'];

/** The attempts of one spec, at least one, as one result; a spec that held only sometimes does not hold. */
export function combineAttempts(attempts: readonly [Result, ...Result[]]): Result {
  const [first] = attempts;
  if (attempts.length === 1) return first;
  const weight = ({ status }: Result) => WORST_FIRST.indexOf(status);
  const worst = attempts.reduce((one, other) => (weight(other) < weight(one) ? other : one));
  const passed = attempts.filter(({ status }) => status === 'pass').length;
  const isFlaky = passed > 0 && worst.status !== 'pass';
  return {
    ...worst,
    ...(isFlaky ? { reason: `it held ${passed} of ${attempts.length} times; ${worst.reason}` } : {}),
    durationMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
    attempts: attempts.map(({ status }) => status),
  };
}
