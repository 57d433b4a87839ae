// Judges a run: the rules that fail, conformance with a profile, and safety. No part claims more than what was tried.
import { HARMS, type Harm } from '../../specs/catalogue/harms';
import { exitOf, type Judged } from './exit-status';
import { plural, share, verb } from './numbers';
import { isRequired, type ProfileName, profileOf } from './profiles';
import type { Conformance, Result, Safety, Verdict } from './results';
import { countStatuses, tally, triedOf } from './tally';

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
    return `${tried === 1 ? 'the only rule that was tried' : `${counts.fail} of ${tried} rules`} ${verb(counts.fail, 'fails', 'fail')}${more.join('')}`;
  if (tried === 0) return isWhole ? 'no rule was tried' : 'no rule was tried, the run ended early';
  if (counts.pass === 0) return `no rule holds${more.join('')}`;
  if (more.length > 0)
    return `${counts.pass} of ${plural(tried, 'rule')} ${verb(counts.pass, 'holds', 'hold')}${more.join('')}`;
  return `${share(tried, tried, 'rule that could be tried', 'rules that could be tried')} ${verb(tried, 'holds', 'hold')}`;
}

/**
 * Returns whether a rule applies to the target. A rule about an optional feature does not apply if the target does not
 * have this feature.
 */
const applies = ({ status, unsupported }: Result) => status !== 'unsupported' || unsupported !== 'not-offered';

/** Returns the results of the rules that the profile requires of the target. */
export const requiredOf = (name: ProfileName, results: readonly Result[]): readonly Result[] =>
  results.filter((result) => isRequired(name, result) && applies(result));

function conformanceOf({ profile: name, results, target }: Judged): Conformance {
  const { title, requires } = profileOf(name);
  const required = requiredOf(name, results);
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
