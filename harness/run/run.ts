// Runs the selected specs on a target and turns their outcomes into results. Prints nothing.
import { harmOf } from '../../specs/catalogue/harms';
import { impactOf } from '../../specs/catalogue/impact';
import type { Spec } from '../../specs/subject/spec';
import { redactedResult } from '../report/redact';
import { NOT_RUN } from '../report/report';
import type { Result } from '../report/results';
import type { Target } from '../targets/target';
import { type AttemptOptions, attempt, INTERRUPTED, type Outcome } from './attempt';
import { combineAttempts } from './combine-attempts';
import { randomRounds } from './random-order';
import { onWorkers } from './workers';

export interface RunOptions extends AttemptOptions {
  /** Returns the command that runs one spec again. */
  readonly repeat: (id: string) => string;
  /** Called with the result of each spec when the spec is complete. */
  readonly onResult?: (result: Result) => void;
  /** Seed of the order of the specs, 0 to 2^31-1. Without it they run in the given order. */
  readonly seed?: number;
  /** How many times each spec runs. Default: 1. */
  readonly times?: number;
  /** How many specs run at once, if they share no state. Default: 1. */
  readonly parallel?: number;
}

/** The outcome of a spec that was not run because the run ended early. */
const notRun = (why: string): Outcome => ({ status: 'skipped', reason: `${NOT_RUN}: ${why}` });

/**
 * Runs the specs.
 *
 * @param chosen the specs to run
 * @param target where they run
 * @returns one result for each spec, in the order of `chosen`. Specs that had not run when the signal was aborted or
 * the target stopped answering are `skipped`.
 */
export async function runSelected(chosen: readonly Spec[], target: Target, options: RunOptions): Promise<Result[]> {
  const { times = 1, parallel = 1, seed, signal } = options;
  const attempts = new Map<string, Result[]>();
  const results = new Map<string, Result>();
  let targetGone: string | undefined;
  const once = async (spec: Spec, worker: Target): Promise<Outcome> => {
    if (signal?.aborted) return notRun(INTERRUPTED);
    if (targetGone !== undefined) return notRun(targetGone);
    const outcome = await attempt(spec, worker, options);
    if (outcome.status === 'error' && signal?.aborted) return notRun(INTERRUPTED);
    if ((outcome.status !== 'fail' && outcome.status !== 'error') || signal?.aborted) return outcome;
    targetGone ??= await worker.gone?.();
    return targetGone === undefined ? outcome : { ...outcome, reason: `${outcome.reason}; ${targetGone}` };
  };
  await onWorkers(randomRounds(chosen, times, seed), target, parallel, async (spec, worker) => {
    const start = performance.now();
    const outcome = await once(spec, worker);
    const { id, title, level, strength, source } = spec;
    const [harm, impact] = [harmOf(id), impactOf(id)];
    const durationMs = Math.round(performance.now() - start);
    const result = redactedResult({
      id,
      title,
      level,
      strength,
      source,
      ...(harm && { harm }),
      ...outcome,
      ...(impact && outcome.violation && { impact }),
      repeat: options.repeat(id),
      durationMs,
    });
    const [first, ...more] = [...(attempts.get(id) ?? []), result];
    attempts.set(id, [first, ...more]);
    if (more.length + 1 < times) return;
    const combined = combineAttempts([first, ...more]);
    results.set(id, combined);
    options.onResult?.(combined);
  });
  return chosen.flatMap(({ id }) => results.get(id) ?? []);
}
