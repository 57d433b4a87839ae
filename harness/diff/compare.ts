// Compares the results of two runs, rule by rule.
import { violationText } from '../../specs/subject/expect';
import type { Report, Result, Status } from '../report/results';

/**
 * The kinds of change:
 * - `regressions`: the rule newly fails or cannot be judged (`fail`, `error`), or a capability was lost (`pass` to
 * `unsupported`);
 * - `fixes`: the rule newly passes, whatever its status was before;
 * - `stillFailing`: `fail` or `error` in both runs;
 * - `new`: only the later run tried the rule; in the earlier run the rule did not exist or was excluded;
 * - `gone`: only the earlier run tried the rule;
 * - `changed`: another change that is neither better nor worse, such as a failure that is now a known failure.
 */
export const KINDS = ['regressions', 'fixes', 'stillFailing', 'new', 'gone', 'changed'] as const;
export type Kind = (typeof KINDS)[number];

/** The change of one rule. The status of a run is absent if the run did not try the rule. */
export interface ResultChange {
  readonly id: string;
  readonly title: string;
  readonly before?: Status;
  readonly after?: Status;
  /** The reason in the later run, or in the earlier run if only the earlier run tried the rule. */
  readonly reason?: string;
}

export type Changes = Readonly<Record<Kind, readonly ResultChange[]>>;

const isRed = (status: Status) => status === 'fail' || status === 'error';

/** Returns the kind of a change, or undefined if nothing has changed. */
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

/**
 * Compares the results by id. Changes are in the order of the later run; rules that only the earlier run tried come
 * last.
 */
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
