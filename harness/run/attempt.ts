// One attempt of one spec: its subject, its time, its cleaning up, and what its end means.

import { errorText } from '../../fakes/base/error-text';
import { Unsupported, Violation } from '../../specs/subject/expect';
import type { Spec } from '../../specs/subject/spec';
import type { Need } from '../../specs/subject/subject';
import type { Result } from '../report/results';
import type { SpecSubject, Target } from '../targets/target';

export interface AttemptOptions {
  /** Longest that one spec may take, seconds. */
  readonly timeoutSeconds: number;
  /** Why a spec is expected to fail, or undefined. */
  readonly knownFailure?: (spec: Spec) => string | undefined;
  readonly signal?: AbortSignal;
}

export type Outcome = Pick<Result, 'status' | 'unsupported' | 'reason' | 'violation' | 'exchanges'>;

/** Capabilities that a target may lack without being the worse for it. */
const OPTIONAL: readonly Need[] = ['checkpoint-attempt', 'checkpoint', 'restore-attempt', 'restore', 'refusal'];

/** Why a spec cannot be tried on the target; undefined if it can. */
function missingFor({ needs }: Spec, target: Target): Outcome | undefined {
  const missing = needs.filter((need) => target.lacks(need) !== undefined);
  const [first] = missing;
  if (first === undefined) return undefined;
  const kind = missing.every((need) => OPTIONAL.includes(need)) ? 'not-offered' : 'cannot-be-tried';
  return { status: 'unsupported', unsupported: kind, reason: target.lacks(first) ?? '' };
}

/** Why specs that were left have no verdict. */
export const INTERRUPTED = 'the run was interrupted';

/** What a spec's end means; anything but a verdict of its own is the suite's fault. */
function outcomeOf(error: unknown, known: string | undefined): Outcome {
  if (error instanceof Unsupported) return { status: 'unsupported', unsupported: error.kind, reason: error.message };
  if (error instanceof Violation) {
    const { label, expected, actual } = error;
    const violation = { label, expected, actual };
    return known === undefined
      ? { status: 'fail', reason: error.message, violation }
      : { status: 'known-failure', reason: known, violation };
  }
  return { status: 'error', reason: errorText(error) };
}

/** A spec that spent most of its time on one answer met a target that hangs; of any other it is not known who was slow. */
function outOfTime(subject: SpecSubject, timeoutSeconds: number): Error {
  const waiting = subject.unanswered();
  if (waiting && waiting.milliseconds > (timeoutSeconds * 1000) / 2)
    return new Violation(
      'answer',
      `an answer within the spec's ${timeoutSeconds} s (--timeout)`,
      `none for ${Math.round(waiting.milliseconds / 1000)} s to ${waiting.sent}`,
    );
  return new Error(`the spec did not end within ${timeoutSeconds} s (--timeout)`);
}

/** Ends when the spec does, when its time is over, or when the run is interrupted. */
async function withinTime(spec: Spec, subject: SpecSubject, { timeoutSeconds, signal }: AttemptOptions): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let interrupt = () => {};
  const end = new Promise<never>((_, reject) => {
    const expire = () => reject(outOfTime(subject, timeoutSeconds));
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

/** Tries a spec on a target once and removes what it made. Never throws. */
export async function attempt(spec: Spec, target: Target, options: AttemptOptions): Promise<Outcome> {
  const missing = missingFor(spec, target);
  if (missing) return missing;
  const subject = target.subject();
  let outcome: Outcome = { status: 'pass' };
  try {
    await withinTime(spec, subject, options);
  } catch (error) {
    outcome = outcomeOf(error, options.knownFailure?.(spec));
  }
  // What removal exchanges is no part of the evidence, nor is what becomes of an answer that nobody waits for any more.
  const exchanges = subject.exchanges.map((one) => ({ ...one }));
  try {
    await subject[Symbol.asyncDispose]();
  } catch (error) {
    if (outcome.status === 'pass') return { status: 'error', reason: errorText(error), exchanges: subject.exchanges };
    outcome = { ...outcome, reason: `${outcome.reason}; ${errorText(error)}` };
  }
  return { ...outcome, exchanges };
}
