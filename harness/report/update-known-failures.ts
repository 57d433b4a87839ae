// Updates a list of known failures from a report: removes entries whose rules pass, adds new failures and keeps all
// other entries.
import type { Document, YAMLMap } from 'yaml';
import { FINDINGS_DOCUMENT } from '../../specs/catalogue/sources';
import { yaml } from '../base/yaml';
import type { KnownFailure } from './known-failure';
import { LISTED_PASS, listedIn } from './known-failures';
import type { Report, Result, Status } from './results';

/** The changes, by rule id. */
export interface ListChanges {
  readonly kept: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** Ids of rules that were not tried; their entries are kept. */
  readonly notTried: readonly string[];
}

const attemptsOf = ({ attempts, status }: Result): readonly Status[] => attempts ?? [status];

/** Returns whether a rule failed in at least one attempt. */
const hasFailed = (result: Result) =>
  attemptsOf(result).some((status) => status === 'fail' || status === 'known-failure') || result.status === 'fail';

/** Returns whether a rule passed. A listed rule that passes has the status `error`. */
const hasPassed = ({ status, reason = '' }: Result) =>
  status === 'pass' || (status === 'error' && reason.startsWith(LISTED_PASS));

const linkOf = ({ source }: Result) =>
  source.document === FINDINGS_DOCUMENT ? `specs/findings.md#${source.id}` : source.link;

/**
 * Returns an entry for a failure that is not in the list. If the report excuses the failure by another list, the reason
 * and the link of that list's entry are copied. Otherwise the reason is the rule's title, because the reason in the
 * report contains ids, times and directories of the run. Returns undefined if only the catalogue expects the failure.
 */
function newEntry(result: Result, expires: string): KnownFailure | undefined {
  const { id, title, reason = '' } = result;
  const unsteady = attemptsOf(result).includes('pass') ? { unsteady: true } : {};
  if (result.status !== 'known-failure')
    return { id, reason: `it breaks the rule: ${title}`, link: linkOf(result), expires, ...unsteady };
  const listed = listedIn(reason);
  return listed && { id, ...listed, ...unsteady };
}

const idOf = (entry: unknown) => String((entry as YAMLMap).get('id'));

/**
 * Updates a list. The remaining entries keep their order, comments, reasons, links and expiry dates, even if they have
 * expired.
 *
 * @param text the YAML list, which must be valid; empty for a new one
 * @param expires the last day on which new entries are accepted, such as 2026-12-31
 * @returns the new YAML and what changed
 * @throws Error if the text is not a YAML list
 */
export function updatedList(
  text: string,
  { results }: Pick<Report, 'results'>,
  expires: string,
): { readonly text: string; readonly changes: ListChanges } {
  const document: Document = yaml().parseDocument(text.trim() === '' ? '[]' : text);
  const list = document.contents;
  if (!yaml().isSeq(list)) throw new Error('the list is not a YAML sequence');
  const before = list.items.map(idOf);
  const passes = new Set(results.filter(hasPassed).map(({ id }) => id));
  const isGone = (entry: unknown) => passes.has(idOf(entry)) && (entry as YAMLMap).get('unsteady') !== true;
  const removed = list.items.filter(isGone).map(idOf);
  list.items = list.items.filter((entry) => !isGone(entry));
  const entries = results.flatMap((result) =>
    hasFailed(result) && !before.includes(result.id) ? (newEntry(result, expires) ?? []) : [],
  );
  for (const entry of entries) list.add(document.createNode(entry));
  list.flow = list.items.length === 0;
  const failed = new Set(results.filter(hasFailed).map(({ id }) => id));
  const kept = before.filter((id) => !removed.includes(id));
  return {
    text: document.toString({ lineWidth: 0 }),
    changes: {
      kept: kept.filter((id) => failed.has(id) || passes.has(id)),
      removed,
      added: entries.map(({ id }) => id),
      notTried: kept.filter((id) => !failed.has(id) && !passes.has(id)),
    },
  };
}
