// What changed from one run to another, rule by rule.
import { violationText } from '../../specs/subject/expect';
import type { Report, Result, Status } from '../report/results';

/**
 * What a change is:
 * - `regressions`: the rule is broken or cannot be judged (`fail`, `error`) where it was neither; or it held and the
 *   target no longer offers what it is about (`pass` to `unsupported`: a capability was lost);
 * - `fixes`: the rule holds and did not: it failed, could not be judged, was a known failure, or was not offered;
 * - `stillFailing`: `fail` or `error` in both;
 * - `new`: tried, and before it did not exist or was chosen away; however it ended, nothing got worse;
 * - `gone`: the other way round;
 * - `changed`: another status that is neither better nor worse, such as a failure that was put on the list of known ones.
 */
export const KINDS = ['regressions', 'fixes', 'stillFailing', 'new', 'gone', 'changed'] as const;
export type Kind = (typeof KINDS)[number];

/** One rule in both runs; a status is absent where the run did not try the rule. */
export interface ResultChange {
  readonly id: string;
  readonly title: string;
  readonly before?: Status;
  readonly after?: Status;
  /** What was said of it in the later run that tried it. */
  readonly reason?: string;
}

export type Changes = Readonly<Record<Kind, readonly ResultChange[]>>;

const isRed = (status: Status) => status === 'fail' || status === 'error';

/** The kind of a change, or undefined where there is none. */
export function kindOf(before: Status | undefined, after: Status | undefined): Kind | undefined {
  if (before === undefined || after === undefined)
    return before === after ? undefined : before === undefined ? 'new' : 'gone';
  if (isRed(after)) return isRed(before) ? 'stillFailing' : 'regressions';
  if (before === after) return undefined;
  if (after === 'pass') return 'fixes';
  return before === 'pass' && after === 'unsupported' ? 'regressions' : 'changed';
}

const tried = (result: Result | undefined) => (result && result.status !== 'skipped' ? result : undefined);

const reasonOf = ({ violation, reason }: Result) => (violation ? violationText(violation) : reason);

/** Compares by id; rules of the later run in its order, then those that only the earlier one has. */
export function compare(before: Report, after: Report): Changes {
  const changes: Record<Kind, ResultChange[]> = {
    regressions: [],
    fixes: [],
    stillFailing: [],
    new: [],
    gone: [],
    changed: [],
  };
  const of = (report: Report) => new Map(report.results.map((result) => [result.id, result]));
  const [earlier, later] = [of(before), of(after)];
  for (const id of new Set([...later.keys(), ...earlier.keys()])) {
    const [was, is] = [tried(earlier.get(id)), tried(later.get(id))];
    const kind = kindOf(was?.status, is?.status);
    const latest = is ?? was;
    if (kind === undefined || latest === undefined) continue;
    const reason = reasonOf(latest);
    changes[kind].push({
      id,
      title: latest.title,
      ...(was ? { before: was.status } : {}),
      ...(is ? { after: is.status } : {}),
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return changes;
}
