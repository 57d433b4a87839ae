// Orders failures by their weight: those that decide conformance first, recommendations last.
import { HARMS } from '../../specs/catalogue/harms';
import { isRequired, type ProfileName } from './profiles';
import type { Report, Result } from './results';

const HARM_ORDER: readonly string[] = Object.keys(HARMS);

/**
 * Returns the results that fail, then those that could not be judged. Failures are in the order in which they count for
 * `--fail-on`: required rules, other rules of strength must, rules of strength should. Hardening rules of the same
 * strength are ordered by their harm, as in the verdict.
 */
export function rankedFailures({ verdict, results }: Pick<Report, 'verdict' | 'results'>): readonly Result[] {
  const profile = verdict.conformance.profile as ProfileName;
  const rank = (result: Result): number => {
    const { status, strength, harm } = result;
    const kind = strength === 'should' ? 2 : isRequired(profile, result) ? 0 : 1;
    const ofHarm = harm === undefined ? HARM_ORDER.length : HARM_ORDER.indexOf(harm);
    return ((status === 'fail' ? 0 : 3) + kind) * (HARM_ORDER.length + 1) + ofHarm;
  };
  const isWrong = ({ status }: Result) => status === 'fail' || status === 'error';
  return results.filter(isWrong).sort((one, other) => rank(one) - rank(other));
}
