// Runs specs for programs that use the package as a library.
import type { Spec } from '../../specs/subject/spec';
import type { KnownFailure } from '../report/known-failure';
import { knownFailure } from '../report/known-failures';
import type { Result } from '../report/results';
import { runSelected as run } from '../run/run';
import type { Target } from '../targets/target';
import { isTarget, openTarget, type TargetOptions } from './target';

export interface RunSpecsOptions {
  /** Time limit for one spec, seconds. Default: 120. */
  readonly timeoutSeconds?: number;
  /** Failures that are expected: their results are `known-failure`. */
  readonly knownFailures?: readonly KnownFailure[];
  /** Seed of the order of the specs, 0 to 2^31-1. Default: the given order. */
  readonly seed?: number;
  /** How many times each spec runs. A spec that does not pass every time fails. Default: 1. */
  readonly times?: number;
  /** How many specs run at once, if they share no state. Default: 1. */
  readonly parallel?: number;
  /** Called with each result as soon as it is known. */
  readonly onResult?: (result: Result) => void;
  /** If aborted, the remaining specs are `skipped`. */
  readonly signal?: AbortSignal;
}

const USUAL_TIMEOUT_SECONDS = 120;

/**
 * Runs specs on a target. A rule that fails is a result, not an error.
 *
 * @param specs the specs to run
 * @param target an open target, or options that name a target. An open target stays open. With options, the target is
 * opened before the run and closed after it
 * @param options time limit in seconds, known failures, order and repetition
 * @returns one result for each spec, in the order of `specs`
 * @throws UserError if the target cannot be opened
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
