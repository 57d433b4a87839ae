// Counts results by status, level and strength.
import { LEVELS } from '../../specs/subject/spec';
import { type Result, STATUSES, type Status, type Tally } from './results';

const STRENGTHS = ['must', 'should'] as const;

export function countStatuses(results: readonly Result[]): Record<Status, number> {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of results) counts[status]++;
  return counts;
}

/** Counts results by level and strength, in the order of the levels. Pairs without rules are omitted. */
export function tally(results: readonly Result[]): readonly Tally[] {
  return LEVELS.flatMap((level) =>
    STRENGTHS.flatMap((strength) => {
      const same = results.filter((result) => result.level === level && result.strength === strength);
      return same.length === 0 ? [] : [{ level, strength, counts: countStatuses(same) }];
    }),
  );
}

/** Returns how many rules were tried. Excluded and unsupported rules were not tried. */
export const triedOf = ({ pass, fail, error, ...other }: Tally['counts']): number =>
  pass + fail + error + other['known-failure'];
