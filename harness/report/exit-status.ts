// Determines the exit status of a run: 1 if a failure counts, else 2 if the suite could not finish its work, else 0.
import { plural, verb } from './numbers';
import { isRequired, type ProfileName } from './profiles';
import type { Conformance, Exit, Result, TargetDescription } from './results';

export const FAIL_ON = ['required', 'must', 'should'] as const;
/** `required`: rules that decide conformance; `must`: rules of strength must, of any level; `should`: all rules. */
export type FailOn = (typeof FAIL_ON)[number];

/** Everything that a verdict depends on. */
export interface Judged {
  readonly profile: ProfileName;
  readonly results: readonly Result[];
  readonly target: TargetDescription;
  /** Which failures make the exit status 1. */
  readonly failOn: FailOn;
  /** If true, the exit status is also 1 if conformance is only partly verified. */
  readonly requireComplete: boolean;
  /** Why the run ended early; absent if the run was complete. */
  readonly brokenOff?: string;
  /** Containers, sandboxes and files that could not be removed. */
  readonly left?: readonly string[];
}

function counts({ failOn, profile }: Judged, result: Result): boolean {
  if (result.status !== 'fail') return false;
  if (failOn === 'should') return true;
  return failOn === 'must' ? result.strength === 'must' : isRequired(profile, result);
}

/** Returns the exit status of a run, with its reason. */
export function exitOf(judged: Judged, conformance: Conformance): Exit {
  const { results, failOn, requireComplete, brokenOff, left = [] } = judged;
  const failed = results.filter((result) => counts(judged, result)).length;
  if (failed > 0)
    return {
      status: 1,
      reason: `${plural(failed, 'failure')} ${verb(failed, 'counts', 'count')} (--fail-on ${failOn})`,
    };
  if (conformance.absent.length > 0)
    return { status: 1, reason: `the profile requires ${conformance.absent.join(', ')}` };
  if (brokenOff !== undefined) return { status: 2, reason: brokenOff };
  if (left.length > 0) return { status: 2, reason: `${plural(left.length, 'thing')} could not be removed` };
  const errors = results.filter(({ status }) => status === 'error').length;
  if (errors > 0) return { status: 2, reason: `${plural(errors, 'rule')} could not be judged` };
  if (results.every(({ status }) => status === 'skipped' || status === 'unsupported'))
    return { status: 2, reason: 'no rule was tried' };
  if (requireComplete && conformance.status !== 'conformant')
    return { status: 1, reason: `conformance is ${conformance.status} (--require-complete)` };
  return { status: 0, reason: 'nothing that counts fails' };
}
