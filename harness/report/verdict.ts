// Profiles: what "conformant" means, in one line.
import { LEVELS } from '../../specs/subject/spec';
import { type Result, STATUSES, type Status, type Tally, type TargetDescription, type Verdict } from './results';

interface Profile {
  readonly title: string;
  /** First parts of the ids that decide. */
  readonly groups: readonly string[];
  /** Needs whose absence alone decides against. */
  readonly requires: readonly string[];
}

export const PROFILES = {
  kubelet: { title: 'a kubelet with the checkpoint endpoint', groups: ['kubelet'], requires: ['kubelet'] },
  runtime: { title: 'a runtime that checkpoints, or refuses rightly', groups: ['runtime', 'archive'], requires: [] },
  'runtime-checkpoint': {
    title: 'a runtime that checkpoints',
    groups: ['runtime', 'archive'],
    requires: ['checkpoint'],
  },
  pair: { title: 'a kubelet with a runtime', groups: ['kubelet', 'runtime', 'archive'], requires: [] },
} as const satisfies Record<string, Profile>;
export type ProfileName = keyof typeof PROFILES;

/** Observed and hardening rules are reported beside the verdict and never decide it. */
const DECIDING_LEVELS = ['documented', 'contract'];

export function countStatuses(results: readonly Result[]): Record<Status, number> {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of results) counts[status]++;
  return counts;
}

const STRENGTHS = ['must', 'should'] as const;

/** Counts by level and strength, in the order of the levels. */
export function tally(results: readonly Result[]): readonly Tally[] {
  return LEVELS.flatMap((level) =>
    STRENGTHS.flatMap((strength) => {
      const alike = results.filter((result) => result.level === level && result.strength === strength);
      return alike.length === 0 ? [] : [{ level, strength, counts: countStatuses(alike) }];
    }),
  );
}

/** How many of the rules were tried: neither chosen away nor unsupported. */
export const triedOf = ({ pass, fail, error, ...other }: Tally['counts']): number =>
  pass + fail + error + other['known-failure'];

/** `hardening must 7 of 9 (2 unsupported)`: what holds of what was tried; nothing where none was chosen. */
function tallyText({ level, strength, counts }: Tally): readonly string[] {
  const tried = triedOf(counts);
  if (tried + counts.unsupported === 0) return [];
  const untried = counts.unsupported > 0 ? ` (${counts.unsupported} unsupported)` : '';
  return [`${level} ${strength} ${counts.pass} of ${tried}${untried}`];
}

const MAX_NAMED = 5;
const idsOf = (results: readonly Result[]) =>
  [
    ...results.slice(0, MAX_NAMED).map(({ id }) => id),
    ...(results.length > MAX_NAMED ? [`${results.length - MAX_NAMED} more`] : []),
  ].join(', ');

/** Judges a run by a profile: every deciding must has to hold, be unsupported, or be known to fail. */
export function judge(name: ProfileName, results: readonly Result[], target: TargetDescription): Verdict {
  const profile: Profile = PROFILES[name];
  const counts = countStatuses(results);
  const tallies = tally(results);
  const deciding = results.filter(
    ({ id, level, strength, status }) =>
      profile.groups.includes(id.split('/')[0] ?? '') &&
      DECIDING_LEVELS.includes(level) &&
      strength === 'must' &&
      status !== 'skipped',
  );
  const broken = deciding.filter(({ status }) => status === 'fail');
  const unjudged = deciding.filter(({ status }) => status === 'error');
  const absent = profile.requires.filter((need) => need in target.lacks);
  const held = countStatuses(deciding);
  const conformant = broken.length === 0 && absent.length === 0 && unjudged.length === 0;
  const why = [
    ...absent.map((need) => `it lacks ${need}: ${target.lacks[need]}`),
    ...(broken.length > 0 ? [`${broken.length} fail: ${idsOf(broken)}`] : []),
    ...(unjudged.length > 0 ? [`${unjudged.length} could not be judged: ${idsOf(unjudged)}`] : []),
  ];
  const rules =
    `of ${deciding.length} required rules ${held.pass} hold, ${held['known-failure']} are known to fail, ` +
    `${held.unsupported} do not apply`;
  const decided = conformant ? counts.error === 0 : broken.length + absent.length > 0;
  // As the exit status: an error anywhere leaves a run that found nothing wrong undecided.
  const word = !decided ? 'UNDECIDED whether conformant' : conformant ? 'conformant' : 'NOT conformant';
  return {
    conformant,
    decided,
    counts,
    tallies,
    summary: `${word} as ${profile.title} (profile ${name}): ${[rules, ...why].join('; ')}; held: ${tallies.flatMap(tallyText).join(', ')}`,
  };
}
