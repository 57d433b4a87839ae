// Describes a verdict in sentences.
import { plural, share, verb } from './numbers';
import type { ProfileName } from './profiles';
import type { Report, Safety } from './results';
import { countStatuses } from './tally';
import { requiredOf } from './verdict';

/**
 * Returns clauses that say how many of the required rules fail or hold, how many could not be judged, and how many were
 * not tried.
 */
function requiredRules({ verdict, results }: Pick<Report, 'verdict' | 'results'>): readonly string[] {
  const { profile, required, tried } = verdict.conformance;
  const { pass, fail, error, ...other } = countStatuses(requiredOf(profile as ProfileName, results));
  const of = (count: number) =>
    tried < required
      ? share(count, tried, 'required rule that was tried', 'required rules that were tried')
      : share(count, tried, 'required rule', 'required rules');
  const untried = required - tried;
  if (tried === 0) return ['no required rule was tried'];
  return [
    fail > 0
      ? `${of(fail)} ${verb(fail, 'fails', 'fail')}`
      : pass === 0
        ? 'no required rule holds'
        : `${of(pass)} ${verb(pass, 'holds', 'hold')}`,
    ...(other['known-failure'] > 0 ? [plural(other['known-failure'], 'known failure')] : []),
    ...(error > 0 ? [`${error} could not be judged`] : []),
    ...(untried > 0 ? [`${untried} ${verb(untried, 'was', 'were')} not tried`] : []),
  ];
}

/** Describes conformance, and the reason for it, in one sentence. */
export function conformanceSentence(report: Pick<Report, 'verdict' | 'results'>): string {
  const { status, title, absent } = report.verdict.conformance;
  const lacks = absent.length > 0 ? `; the target lacks ${absent.join(', ')}` : '';
  return `${status} as ${title}: ${requiredRules(report).join(', ')}${lacks}`;
}

/** Describes in a few words how many hardening rules fail. */
export function safetyCount({ tried, failed }: Safety): string {
  if (tried === 0) return 'no hardening rule was tried';
  const [noun, nouns] = ['hardening rule that was tried', 'hardening rules that were tried'];
  return failed === 0
    ? `${share(tried, tried, noun, nouns)} ${verb(tried, 'holds', 'hold')}`
    : `${failed} of ${plural(tried, 'hardening rule')} ${verb(failed, 'fails', 'fail')}`;
}

/** Describes in one sentence how many hardening rules fail, and what users lose. */
export function safetySentence(safety: Safety): string {
  const losses = safety.harms.map(({ harm, ids }) => `${harm} (${ids.length})`).join('; ');
  return losses === '' ? safetyCount(safety) : `${safetyCount(safety)}: ${losses}`;
}

/**
 * Returns lines about checkpoints that failed and were repeated, and about containers and files that could not be
 * removed.
 */
export const runLines = ({ dumps, left }: Report['run']): readonly string[] => [
  ...(dumps && dumps.failed > 0
    ? [`checkpoints: ${dumps.failed} of ${dumps.tried} failed that rules took for granted; each was tried once more`]
    : []),
  ...(left ? [`not removed: ${left.join('; ')}`] : []),
];

/** Returns the whole verdict, one line for each part. */
export const summaryLines = (report: Pick<Report, 'verdict' | 'run' | 'results'>): readonly string[] => [
  ...(report.run.brokenOff === undefined ? [] : [`the run ended early: ${report.run.brokenOff}`]),
  ...runLines(report.run),
  `rules: ${report.verdict.headline}`,
  `conformance: ${conformanceSentence(report)}`,
  `safety: ${safetySentence(report.verdict.safety)}`,
  `exit status: ${report.verdict.exit.status}, ${report.verdict.exit.reason}`,
];

/** Returns the whole verdict in one line. */
export const verdictSummary = (report: Pick<Report, 'verdict' | 'run' | 'results'>): string =>
  summaryLines(report).join('; ');
