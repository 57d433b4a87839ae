// Judges a run: the rules that fail, conformance with a profile, and safety. No part claims more than what was tried.
import { HARMS, type Harm } from '../../specs/catalogue/harms';
import { exitOf, type Judged } from './exit-status';
import { isRequired, profileOf } from './profiles';
import type { Conformance, Report, Result, Safety, Verdict } from './results';
import { countStatuses, tally, triedOf } from './tally';

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const verb = (count: number, singular: string, others: string) => (count === 1 ? singular : others);

/** Returns a headline such as "16 of 279 rules fail". If no rule fails, the headline says how many rules were tried. */
function headlineOf({ results, brokenOff }: Judged): string {
  const isWhole = brokenOff === undefined;
  const counts = countStatuses(results);
  const tried = triedOf(counts);
  const more = [
    ...(counts['known-failure'] > 0 ? [plural(counts['known-failure'], 'known failure')] : []),
    ...(counts.error > 0 ? [`${plural(counts.error, 'rule')} could not be judged`] : []),
    ...(isWhole ? [] : ['the run ended early']),
  ].map((text) => `, ${text}`);
  if (counts.fail > 0)
    return `${counts.fail} of ${plural(tried, 'rule')} ${verb(counts.fail, 'fails', 'fail')}${more.join('')}`;
  if (tried === 0) return isWhole ? 'no rule was tried' : 'no rule was tried, the run ended early';
  if (more.length > 0)
    return `${counts.pass} of ${plural(tried, 'rule')} ${verb(counts.pass, 'holds', 'hold')}${more.join('')}`;
  return `all ${plural(tried, 'rule')} that could be tried hold`;
}

/**
 * Returns whether a rule applies to the target. It does not apply if it is about an optional feature that the target
 * does not have.
 */
const applies = ({ status, unsupported }: Result) => status !== 'unsupported' || unsupported !== 'not-offered';

function conformanceOf({ profile: name, results, target }: Judged): Conformance {
  const { title, requires } = profileOf(name);
  const required = results.filter((result) => isRequired(name, result) && applies(result));
  const counts = countStatuses(required);
  const tried = triedOf(counts);
  const absent = requires.filter((need) => need in target.lacks);
  const facts = { profile: name, title, required: required.length, tried, absent };
  if (counts.fail > 0 || absent.length > 0) return { status: 'not conformant', ...facts };
  if (counts.error > 0 || tried === 0) return { status: 'undecided', ...facts };
  return { status: tried < required.length ? 'partly verified' : 'conformant', ...facts };
}

function safetyOf(results: readonly Result[]): Safety {
  const rules = results.filter(({ level }) => level === 'hardening');
  const failed = rules.filter(({ status }) => status === 'fail' || status === 'known-failure');
  const harms = (Object.keys(HARMS) as Harm[]).flatMap((harm) => {
    const ids = failed.filter((result) => result.harm === harm).map(({ id }) => id);
    return ids.length === 0 ? [] : [{ harm: HARMS[harm], ids }];
  });
  return { tried: triedOf(countStatuses(rules)), failed: failed.length, harms };
}

/**
 * Judges a run.
 *
 * @returns the three parts of the verdict with counts, and the exit status that follows from them
 */
export function judge(judged: Judged): Verdict {
  const { results } = judged;
  const conformance = conformanceOf(judged);
  return {
    headline: headlineOf(judged),
    conformance,
    safety: safetyOf(results),
    counts: countStatuses(results),
    tallies: tally(results),
    exit: exitOf(judged, conformance),
  };
}

/** Describes conformance in one sentence. */
export function conformanceSentence({ status, title, required, tried, absent }: Conformance): string {
  const rules = `${tried} of ${plural(required, 'required rule')} ${verb(tried, 'was', 'were')} tried`;
  const lacks = absent.length > 0 ? `; the target lacks ${absent.join(', ')}` : '';
  return `${status} as ${title}: ${rules}${lacks}`;
}

/** Describes in one sentence how many hardening rules fail. */
export function safetySentence({ tried, failed, harms }: Safety): string {
  if (tried === 0) return 'no hardening rule was tried';
  if (failed === 0) return `all ${plural(tried, 'hardening rule')} that were tried hold`;
  const losses = harms.map(({ harm, ids }) => `${harm} (${ids.length})`).join('; ');
  return `${failed} of ${plural(tried, 'hardening rule')} ${verb(failed, 'fails', 'fail')}: ${losses}`;
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
export const summaryLines = ({ verdict, run }: Pick<Report, 'verdict' | 'run'>): readonly string[] => [
  ...(run.brokenOff === undefined ? [] : [`the run ended early: ${run.brokenOff}`]),
  ...runLines(run),
  `rules: ${verdict.headline}`,
  `conformance: ${conformanceSentence(verdict.conformance)}`,
  `safety: ${safetySentence(verdict.safety)}`,
  `exit status: ${verdict.exit.status}, ${verdict.exit.reason}`,
];

/** Returns the whole verdict in one line. */
export const verdictSummary = (report: Pick<Report, 'verdict' | 'run'>): string => summaryLines(report).join('; ');
