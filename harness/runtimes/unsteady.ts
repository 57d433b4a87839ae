// Failures that do not come again: dumping a live process fails now and then on a busy machine. Such a one is told
// loudly, by its name, and only what fails twice counts.
import type { Expectation } from './expectation';
import type { Report, ReportedResult } from './report';

/** More failures than these are no accident, and are not tried again. */
const MOST_TRIED_AGAIN = 3;

/** What failed or could not be judged, and is not listed. */
export function surprises(report: Report, { failing }: Expectation): readonly ReportedResult[] {
  return report.results.filter(
    ({ id, status }) => (status === 'fail' || status === 'error') && !failing.some((listed) => listed.id === id),
  );
}

/** The arguments of `run` that try the surprises again; undefined where there are none or too many. */
export function again(surprising: readonly ReportedResult[]): readonly string[] | undefined {
  if (surprising.length === 0 || surprising.length > MOST_TRIED_AGAIN) return undefined;
  return ['--focus', `^(${surprising.map(({ id }) => id).join('|')})$`];
}

/** The first report, with what held when it was tried again; and the sentences that say so. */
export function steadied(
  first: Report,
  second: Report,
  surprising: readonly ReportedResult[],
): { report: Report; said: string[] } {
  const held = surprising.filter(({ id }) =>
    second.results.some((result) => result.id === id && result.status === 'pass'),
  );
  const isHeld = (id: string) => held.some((result) => result.id === id);
  return {
    report: {
      ...first,
      results: first.results.map((result) => (isHeld(result.id) ? { ...result, status: 'pass' } : result)),
    },
    said: held.map(({ id, reason }) => `  UNSTEADY: ${id} did not hold at first and held when tried again: ${reason}`),
  };
}
