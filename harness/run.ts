// Runs chosen specs on a target and turns what they throw into results. Prints nothing.
import { Unsupported, Violation } from '../specs/expect';
import type { Spec } from '../specs/spec';
import { errorText } from './error-text';
import { redactedResult } from './redact/redact';
import type { Result } from './results';
import type { SpecSubject, Target } from './targets/target';

export interface RunOptions {
  /** Longest that one spec may take, seconds. */
  readonly timeoutSeconds: number;
  /** Why a spec is expected to fail, or undefined. */
  readonly knownFailure?: (spec: Spec) => string | undefined;
  /** The command that runs one spec again. */
  readonly repeat: (id: string) => string;
  readonly onResult?: (result: Result) => void;
  readonly signal?: AbortSignal;
}

type Outcome = Pick<Result, 'status' | 'reason' | 'violation'>;

/** What a spec's end means; anything but a verdict of its own is the suite's fault. */
function outcomeOf(error: unknown, known: string | undefined): Outcome {
  if (error instanceof Unsupported) return { status: 'unsupported', reason: error.message };
  if (error instanceof Violation) {
    const { label, expected, actual } = error;
    const violation = { label, expected, actual };
    return known === undefined
      ? { status: 'fail', reason: error.message, violation }
      : { status: 'known-failure', reason: known, violation };
  }
  return { status: 'error', reason: errorText(error) };
}

/** Why specs that were left have no verdict. */
export const INTERRUPTED = 'the run was interrupted';

/** Ends when the spec does, when its time is over, or when the run is interrupted. */
async function withinTime(spec: Spec, subject: SpecSubject, { timeoutSeconds, signal }: RunOptions): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let interrupt = () => {};
  const end = new Promise<never>((_, reject) => {
    const expire = () => reject(new Error(`the spec did not end within ${timeoutSeconds} s (--timeout)`));
    timer = setTimeout(expire, timeoutSeconds * 1000);
    interrupt = () => reject(new Error(INTERRUPTED));
    signal?.addEventListener('abort', interrupt);
  });
  try {
    await Promise.race([spec.check(subject), end]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
  }
}

async function runOne(spec: Spec, target: Target, options: RunOptions): Promise<Outcome & Pick<Result, 'exchanges'>> {
  const missing = spec.needs.map((need) => target.lacks(need)).find((reason) => reason !== undefined);
  if (missing !== undefined) return { status: 'unsupported', reason: missing };
  const subject = target.subject();
  let outcome: Outcome = { status: 'pass' };
  try {
    await withinTime(spec, subject, options);
  } catch (error) {
    outcome = outcomeOf(error, options.knownFailure?.(spec));
  }
  const seen = subject.exchanges.length;
  try {
    await subject[Symbol.asyncDispose]();
  } catch (error) {
    if (outcome.status === 'pass')
      return { status: 'error', reason: `cleaning up failed: ${error}`, exchanges: subject.exchanges };
  }
  // What removal exchanged is no part of the evidence.
  return { ...outcome, exchanges: subject.exchanges.slice(0, seen) };
}

/** Runs the specs one after another. Aborting the signal turns those that are left into errors. */
export async function runSpecs(chosen: readonly Spec[], target: Target, options: RunOptions): Promise<Result[]> {
  const results: Result[] = [];
  for (const spec of chosen) {
    const start = performance.now();
    const outcome: Outcome = options.signal?.aborted
      ? { status: 'error', reason: INTERRUPTED }
      : await runOne(spec, target, options);
    const { id, title, level, strength, source } = spec;
    const durationMs = Math.round(performance.now() - start);
    const repeat = options.repeat(id);
    const result = redactedResult({ id, title, level, strength, source, ...outcome, repeat, durationMs });
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}
