// Runs specs for a program that has the package as a library.
import type { Spec } from '../../specs/subject/spec';
import type { KnownFailure } from '../report/known-failure';
import { knownFailure } from '../report/known-failures';
import type { Result } from '../report/results';
import { runSelected as run } from '../run/run';
import type { Target } from '../targets/target';
import { isTarget, openTarget, type TargetOptions } from './target';

export interface RunSpecsOptions {
  /** Longest that one spec may take, seconds; default 120. */
  readonly timeoutSeconds?: number;
  /** Failures that are expected: they come out as `known-failure`. */
  readonly knownFailures?: readonly KnownFailure[];
  /** Of the order that they run in, 0 to 2^31-1; default: the order given. */
  readonly seed?: number;
  /** How often each runs; one that holds only sometimes fails. Default 1. */
  readonly times?: number;
  /** How many run at a time, where they do not disturb each other; default 1. */
  readonly parallel?: number;
  /** Told of every result as it comes. */
  readonly onResult?: (result: Result) => void;
  /** Aborted, what is left comes out as `error`. */
  readonly signal?: AbortSignal;
}

const USUAL_TIMEOUT_SECONDS = 120;

/**
 * Runs specs on a target, and gives their results in the order of the specs. A target that is open stays open; one that
 * is only named is opened and disposed of. Throws a UserError where it cannot be opened; a rule that does not hold is
 * a result and throws nothing.
 */
export async function runSpecs(
  specs: readonly Spec[],
  target: Target | TargetOptions = {},
  options: RunSpecsOptions = {},
): Promise<readonly Result[]> {
  if (!isTarget(target)) {
    await using opened = await openTarget(target, options.signal);
    return await runSpecs(specs, opened, options);
  }
  const { timeoutSeconds = USUAL_TIMEOUT_SECONDS, knownFailures = [], ...rest } = options;
  const today = new Date().toISOString().slice(0, 10);
  return run(specs, target, {
    ...rest,
    timeoutSeconds,
    knownFailure: (spec) => knownFailure(spec, knownFailures, today),
    repeat: (id) => `npx ckptest run --focus '^${id}$'`,
  });
}
