// Failures that do not come again: dumping a live process fails now and then on a busy machine. Such a one is told
// loudly, by its name, and only what fails twice counts.
import type { Expectation } from './expectation';
import type { ReportedResult, RuntimesReport } from './report';

/** More failures than these are no accident, and are not tried again. */
const MAX_TRIED_AGAIN = 3;

/** What failed or could not be judged and is not listed, and what is listed and holds. */
export function surprises(report: RuntimesReport, { failing, unsteady = [] }: Expectation): readonly ReportedResult[] {
  const isListed = (id: string) => failing.some((listed) => listed.id === id);
  return report.results.filter(({ id, status }) =>
    status === 'fail' || status === 'error'
      ? !isListed(id) && !unsteady.includes(id)
      : status === 'pass' && failing.some((listed) => listed.id === id && !listed.unsteady),
  );
}

/** The arguments of `run` that try the surprises again; undefined where there are none or too many. */
export function again(surprising: readonly ReportedResult[]): readonly string[] | undefined {
  if (surprising.length === 0 || surprising.length > MAX_TRIED_AGAIN) return undefined;
  return ['--focus', `^(${surprising.map(({ id }) => id).join('|')})$`];
}

/** The first report, with what held when it was tried again; and the sentences that say so. */
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
      ? `  UNSTEADY: ${before.id} held at first and did not when tried again: ${after.reason}`
      : `  UNSTEADY: ${before.id} did not hold at first and held when tried again: ${before.reason}`;
  const now = (result: ReportedResult): ReportedResult => {
    const after = turned.find(({ before }) => before.id === result.id)?.after;
    return after ? { ...result, status: after.status } : result;
  };
  return { report: { ...first, results: first.results.map(now) }, messages: turned.map(sentence) };
}
