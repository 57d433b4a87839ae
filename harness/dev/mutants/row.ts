// Measures a row of the matrix, which lists the specs that fail on one mutant or variant. Also determines which specs
// should fail.
import { allDeviations } from '../../../fakes/deviations/catalogue';
import { specs } from '../../../specs/index';
import type { Spec } from '../../../specs/subject/spec';
import type { Result } from '../../report/results';
import { runSelected } from '../../run/run';
import { DEFAULT_IMAGE } from '../../run/settings';
import { startBuiltIn } from '../../targets/built-in';
import { isBeyondThisUser } from '../needs-root';

/** Time limit for one spec, seconds. It is long, because many specs run at once. */
const SPEC_SECONDS = 60;

/** Matches the rules that read the contents of archives, which each runtime chooses. */
const CONTENTS =
  /^archive\/(memory|images|metadata)\/|\/(incomplete-is-refused|ended-processes-are-left-out|each-keeps-its-own)$/;

/**
 * Matches the rules that need the kubelet's time from the Date header. Without this header the rules are unsupported.
 */
const CLOCKS = /^kubelet\/(archive-name\/timestamp-is-the-time-of-the-request|at-once\/same-second-keeps-both)$/;

export type MatrixKind = 'mutant' | 'variant';

export interface MatrixRow {
  readonly kind: MatrixKind;
  readonly name: string;
  /**
   * The specs that neither passed nor were unsupported. For a failure, the value is the label of the failed
   * expectation. For other statuses, the value is the status and its reason.
   */
  readonly red: Readonly<Record<string, string>>;
  /** The specs that were unsupported. */
  readonly unjudged: readonly string[];
}

/** Returns the names of all mutants or variants, in the order of the catalogue. */
export const namesOf = (kind: MatrixKind): readonly string[] =>
  allDeviations.filter((one) => one.kind === kind).map(({ name }) => name);

/** Returns the specs that name a mutant. */
export const specsNaming = (mutant: string): readonly Spec[] =>
  specs.filter(({ mutants }) => mutants[mutant] !== undefined);

const labelOf = ({ status, reason, violation }: Result) =>
  status === 'fail' && violation !== undefined ? violation.label : `${status}: ${reason}`;

/**
 * Runs specs on the built-in fakes with one mutant or variant, on the kubelet persona `documented`.
 *
 * @param chosen the specs to run. Default: all specs
 * @param signal when it is aborted, the remaining specs do not run
 */
export async function measuredRow(
  kind: MatrixKind,
  name: string,
  chosen: readonly Spec[] = specs,
  signal?: AbortSignal,
): Promise<MatrixRow> {
  const changed = { mutants: kind === 'mutant' ? [name] : [], variants: kind === 'variant' ? [name] : [] };
  await using target = await startBuiltIn({ image: DEFAULT_IMAGE, persona: 'documented', ...changed });
  const options = { timeoutSeconds: SPEC_SECONDS, repeat: (id: string) => id, ...(signal && { signal }) };
  const results = await runSelected(chosen, target, options);
  const red = results.filter(({ status }) => status !== 'pass' && status !== 'unsupported');
  const unjudged = results.filter(({ status }) => status === 'unsupported');
  return {
    kind,
    name,
    red: Object.fromEntries(red.map((result) => [result.id, labelOf(result)])),
    unjudged: unjudged.map(({ id }) => id),
  };
}

/**
 * Returns the row that the catalogue expects. On a mutant, exactly the specs that name it fail. On a variant, no spec
 * fails, but some rules may be unsupported: the rules about the kubelet's clock if the variant sends no Date header,
 * otherwise the rules about the contents of archives.
 *
 * @param row the measured row
 */
export function wantedRow({ kind, name, unjudged }: MatrixRow): MatrixRow {
  const red = kind === 'mutant' ? specsNaming(name).map(({ id, mutants }) => [id, mutants[name] ?? '']) : [];
  const mayBeUnjudged = name === 'kubelet-without-date' ? CLOCKS : CONTENTS;
  const allowed = kind === 'variant' ? unjudged.filter((id) => mayBeUnjudged.test(id)) : [];
  return asJudgedHere({ kind, name, red: Object.fromEntries(red), unjudged: allowed }, unjudged);
}

/**
 * Returns the row that is expected for this user. If the user is not root, the rules that need root do not fail, and
 * they may be unsupported.
 *
 * @param unjudged the unsupported specs of the measured row
 */
export function asJudgedHere(row: MatrixRow, unjudged: readonly string[]): MatrixRow {
  const beyond = specs.filter(isBeyondThisUser).map(({ id }) => id);
  const red = Object.entries(row.red).filter(([id]) => !beyond.includes(id));
  const more = beyond.filter((id) => unjudged.includes(id) && !row.unjudged.includes(id));
  return { ...row, red: Object.fromEntries(red), unjudged: [...row.unjudged, ...more] };
}

/** Returns the cells of a row that belong to some specs. */
export const cellsOf = (row: MatrixRow, ids: readonly string[]): MatrixRow => ({
  ...row,
  red: Object.fromEntries(Object.entries(row.red).filter(([id]) => ids.includes(id))),
  unjudged: row.unjudged.filter((id) => ids.includes(id)),
});

/** Returns the differences between two rows, one sentence each. */
export function differences(wanted: MatrixRow, measured: MatrixRow): string[] {
  const ids = [...new Set([...Object.keys(wanted.red), ...Object.keys(measured.red)])];
  const red = ids.flatMap((id) => {
    const [want, came] = [wanted.red[id], measured.red[id]];
    if (want === came) return [];
    const expected = want === undefined ? 'should pass' : `should fail with the label '${want}'`;
    return [`${id} ${expected}, but ${came === undefined ? 'it passed' : `it failed with '${came}'`}`];
  });
  const unjudged = measured.unjudged.filter((id) => !wanted.unjudged.includes(id) && wanted.red[id] === undefined);
  const judged = wanted.unjudged.filter((id) => !measured.unjudged.includes(id));
  return [
    ...red,
    ...unjudged.map((id) => `${id} should pass, but it is unsupported`),
    ...judged.map((id) => `${id} should be unsupported, but it was judged`),
  ];
}
