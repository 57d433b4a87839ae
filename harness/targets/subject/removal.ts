// Removes what the suite made in a runtime.
import { setTimeout } from 'node:timers/promises';
import { errorText } from '../../../fakes/base/error-text';
import type { CriRequestInit } from '../../../proto/load';
import type { CriClient } from '../../clients/cri-client';

/** The longest that the removal of what one spec made may take, seconds. Some runtimes stop a sandbox in 30 s. */
const REMOVAL_SECONDS = 120;
const TRIES = 10;
const PAUSE_MS = 200;

type RemovalMethod = 'StopContainer' | 'RemoveContainer' | 'StopPodSandbox' | 'RemovePodSandbox';

/**
 * Makes a call that removes something until it succeeds. Real runtimes now and then fail one that arrives while a process
 * is ending. Something that is gone already is no failure.
 *
 * @param until when to give up, as `performance.now` counts
 * @throws Error if it did not succeed
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

/** When a removal that begins now gives up, as `performance.now` counts. */
export const endOfRemoval = (): number => performance.now() + REMOVAL_SECONDS * 1000;

/** What a failed removal left. */
export const leftOf = (failure: unknown): readonly string[] =>
  failure instanceof LeftBehind ? failure.what : [errorText(failure)];

/** Waits for all steps, and returns what the failed ones said. */
export async function failuresOf(steps: readonly Promise<unknown>[]): Promise<string[]> {
  const ended = await Promise.allSettled(steps);
  return ended.flatMap((one) => (one.status === 'rejected' ? leftOf(one.reason) : []));
}

/** Something that was made is still there. */
export class LeftBehind extends Error {
  /** @param what each thing, with the error that its removal ended with */
  constructor(readonly what: readonly string[]) {
    super(`not everything could be removed: ${what.join('; ')}`);
  }
}
