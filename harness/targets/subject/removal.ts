// Removes what the suite created in a runtime.
import { setTimeout } from 'node:timers/promises';
import { errorText } from '../../../fakes/base/error-text';
import type { CriRequestInit } from '../../../proto/load';
import type { CriClient } from '../../clients/cri-client';

/** Time limit for removing what one spec created, seconds. Some runtimes need 30 s to stop a sandbox. */
const REMOVAL_SECONDS = 120;
const TRIES = 10;
const PAUSE_MS = 200;

type RemovalMethod = 'StopContainer' | 'RemoveContainer' | 'StopPodSandbox' | 'RemovePodSandbox';

/**
 * Repeats a call that removes something until it succeeds. Real runtimes sometimes fail a removal while a process is
 * ending. A removal of something that no longer exists succeeds.
 *
 * @param until the time after which the call is not repeated any more, in milliseconds of `performance.now`
 * @throws Error if ten attempts failed, or if an attempt failed after the time `until`
 */
export async function insistOn<M extends RemovalMethod>(
  client: CriClient,
  method: M,
  request: CriRequestInit<M>,
  until: number,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const outcome = await client.call(method, request, Math.max((until - performance.now()) / 1000, 1));
    if (outcome.ok || outcome.code === 'NOT_FOUND') return;
    if (tries === TRIES || performance.now() > until)
      throw new Error(`${method} ${Object.values(request)[0]}: ${outcome.code}: ${outcome.message}`);
    await setTimeout(PAUSE_MS);
  }
}

/** Returns the time until which a removal that begins now is retried, in milliseconds of `performance.now`. */
export const endOfRemoval = (): number => performance.now() + REMOVAL_SECONDS * 1000;

/** Returns what a failed removal has left behind. */
export const leftOf = (failure: unknown): readonly string[] =>
  failure instanceof LeftBehind ? failure.what : [errorText(failure)];

/**
 * Waits until all steps have ended.
 *
 * @returns the messages of the failed steps
 */
export async function failuresOf(steps: readonly Promise<unknown>[]): Promise<string[]> {
  const ended = await Promise.allSettled(steps);
  return ended.flatMap((one) => (one.status === 'rejected' ? leftOf(one.reason) : []));
}

/** The error for things that could not be removed. */
export class LeftBehind extends Error {
  /** @param what descriptions of what could not be removed, each with its error */
  constructor(readonly what: readonly string[]) {
    super(`not everything could be removed: ${what.join('; ')}`);
  }
}
