// Runs one spec once on a target within a time limit, removes what the spec created, and returns the outcome.

import { errorText } from '../../fakes/base/error-text';
import { Unsupported, Violation } from '../../specs/subject/expect';
import type { Spec } from '../../specs/subject/spec';
import type { Need } from '../../specs/subject/subject';
import type { Exchange, Result } from '../report/results';
import type { SpecSubject, Target } from '../targets/target';

export interface AttemptOptions {
  /** Time limit for one spec, seconds. */
  readonly timeoutSeconds: number;
  /** Returns why the spec is expected to fail, or undefined if it is expected to pass. */
  readonly knownFailure?: (spec: Spec) => string | undefined;
  readonly signal?: AbortSignal;
}

export type Outcome = Pick<Result, 'status' | 'unsupported' | 'reason' | 'violation' | 'exchanges'>;

/**
 * Optional capabilities of a target. If all capabilities that a spec lacks are optional, the spec is `not-offered`,
 * otherwise `cannot-be-tried`.
 */
const OPTIONAL: readonly Need[] = ['checkpoint-attempt', 'checkpoint', 'restore-attempt', 'restore', 'refusal'];

/** Returns the outcome `unsupported` if the target lacks a capability that the spec needs, else undefined. */
function missingFor({ needs }: Spec, target: Target): Outcome | undefined {
  const missing = needs.filter((need) => target.lacks(need) !== undefined);
  const [first] = missing;
  if (first === undefined) return undefined;
  const kind = missing.every((need) => OPTIONAL.includes(need)) ? 'not-offered' : 'cannot-be-tried';
  return { status: 'unsupported', unsupported: kind, reason: target.lacks(first) ?? '' };
}

/** The reason given for specs that did not run because the run was interrupted. */
export const INTERRUPTED = 'the run was interrupted';

/** The reason of an abort signal if the run ended early without being interrupted. */
export class RunOver extends Error {}

/**
 * Returns why a run ended early.
 *
 * @param signal the abort signal that ended the run
 */
export const whyOver = (signal: AbortSignal | undefined): string =>
  signal?.reason instanceof RunOver ? signal.reason.message : INTERRUPTED;

/**
 * Turns what a spec threw into an outcome. Any error that is not a Violation or Unsupported is a fault of the suite.
 */
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

/**
 * Chooses the error for a spec that exceeded its time limit. If one answer took more than half of the time, the target
 * hangs and the rule is violated. Otherwise it is unknown whether the suite or the target was slow, and the error is a
 * fault of the suite.
 */
function outOfTime(subject: SpecSubject, timeoutSeconds: number): Error {
  const waiting = subject.unanswered();
  if (waiting && waiting.milliseconds > (timeoutSeconds * 1000) / 2)
    return new Violation(
      'answer',
      `an answer within the ${timeoutSeconds} s of --timeout`,
      `The target has not answered for ${Math.round(waiting.milliseconds / 1000)} s: ${waiting.sent}`,
      [waiting.sent],
    );
  return new Error(`the spec did not end within ${timeoutSeconds} s (--timeout)`);
}

/** Runs the check of a spec. Rejects if its time limit passes or the run is interrupted first. */
async function withinTime(spec: Spec, subject: SpecSubject, { timeoutSeconds, signal }: AttemptOptions): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let interrupt = () => {};
  const end = new Promise<never>((_, reject) => {
    const expire = () => reject(outOfTime(subject, timeoutSeconds));
    timer = setTimeout(expire, timeoutSeconds * 1000);
    interrupt = () => reject(new Error(whyOver(signal)));
    signal?.addEventListener('abort', interrupt);
  });
  try {
    await Promise.race([spec.check(subject), end]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
  }
}

const mattersTo = (violation: Violation | undefined, { sent }: Exchange) =>
  violation?.about.some((text) => sent.includes(text)) ?? false;

/** Events during an attempt. */
export interface AttemptEvents {
  /**
   * Called with a promise that is fulfilled when everything that the spec created has been removed. The removal
   * continues after the attempt and may fail.
   */
  removal(removal: Promise<void>): void;
  /** Called when the spec does nothing but wait from now on. */
  onlyWaits(): void;
}

/**
 * Runs a spec once on a target and starts to remove what the spec created.
 *
 * @returns a promise of the outcome with the exchanges of the spec; the promise never rejects
 */
export async function attempt(
  spec: Spec,
  target: Target,
  options: AttemptOptions,
  events: AttemptEvents,
): Promise<Outcome> {
  const missing = missingFor(spec, target);
  if (missing) return missing;
  const subject = target.subject(events.onlyWaits);
  let outcome: Outcome = { status: 'pass' };
  let violation: Violation | undefined;
  try {
    await withinTime(spec, subject, options);
  } catch (error) {
    outcome = outcomeOf(error, options.knownFailure?.(spec));
    if (error instanceof Violation) violation = error;
  }
  // Copy the exchanges before the clean-up, because calls and responses during the clean-up are not evidence about the
  // rule.
  const exchanges = subject.exchanges.map((one) => ({
    ...one,
    ...(mattersTo(violation, one) && { matters: true as const }),
  }));
  events.removal(Promise.resolve(subject[Symbol.asyncDispose]()));
  return { ...outcome, exchanges };
}
