// Repeats unexpected results, because CRIU sometimes fails to dump a process on a busy machine. Only a result that
// occurs twice counts, and a result that changes is reported by id.
import type { Expectation } from './expectation';
import type { ReportedResult, RuntimesReport } from './report';

/**
 * Maximum number of unexpected results that are repeated. If there are more, they are not random, and none is repeated.
 */
const MAX_TRIED_AGAIN = 3;

/** Returns the unexpected results: failures and errors that are not listed, and listed failures that passed. */
export function surprises(report: RuntimesReport, { failing, unsteady = [] }: Expectation): readonly ReportedResult[] {
  const isListed = (id: string) => failing.some((listed) => listed.id === id);
  return report.results.filter(({ id, status }) =>
    status === 'fail' || status === 'error'
      ? !isListed(id) && !unsteady.includes(id)
      : status === 'pass' && failing.some((listed) => listed.id === id && !listed.unsteady),
  );
}

/**
 * Returns the arguments of `run` that repeat the unexpected results; undefined if there are no unexpected results or
 * too many.
 */
export function again(surprising: readonly ReportedResult[]): readonly string[] | undefined {
  if (surprising.length === 0 || surprising.length > MAX_TRIED_AGAIN) return undefined;
  return ['--focus', `^(${surprising.map(({ id }) => id).join('|')})$`];
}

/**
 * Merges the second try into the first report.
 *
 * @returns the report with the changed results, and one message for each changed result
 */
export function applySecondTry(
  first: RuntimesReport,
  second: RuntimesReport,
  surprising: readonly ReportedResult[],
): { report: RuntimesReport; messages: string[] } {
  const turned = surprising.flatMap((before) => {
    const after = second.results.find(({ id }) => id === before.id);
    const isOther = before.status === 'pass' ? after?.status === 'fail' : after?.status === 'pass';
    return after && isOther ? [{ before, after }] : [];
  });
  const sentence = ({ before, after }: (typeof turned)[number]) =>
    before.status === 'pass'
      ? `  UNSTEADY: ${before.id} passed at first and failed when it was repeated: ${after.reason}`
      : `  UNSTEADY: ${before.id} failed at first and passed when it was repeated: ${before.reason}`;
  const now = (result: ReportedResult): ReportedResult => {
    const after = turned.find(({ before }) => before.id === result.id)?.after;
    return after ? { ...result, status: after.status } : result;
  };
  return { report: { ...first, results: first.results.map(now) }, messages: turned.map(sentence) };
}
