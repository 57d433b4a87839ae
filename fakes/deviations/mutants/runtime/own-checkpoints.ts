// For mutants of the runtime: wrappers that mind only checkpoints which no kubelet asked for, so that each breaks rules of
// the runtime alone.

import { type CriCall, type CriWrapper, onMethod } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';

export type Checkpoint = CriCall<'CheckpointContainer'>;
export type NextCheckpoint = (call: Checkpoint) => Promise<object>;

/** As kubelets name archives: checkpoint-POD_NAMESPACE-CONTAINER-TIME.tar. */
const BY_KUBELET = /\/checkpoint-[^/]*_[^/]*$/;

/** Around the checkpoints that no kubelet asked for. */
export const ownCheckpoints = (wrapper: (call: Checkpoint, next: NextCheckpoint) => Promise<object>): CriWrapper =>
  onMethod('CheckpointContainer', (call, next) =>
    BY_KUBELET.test(call.request.location) ? next(call) : wrapper(call, next),
  );

/** What is done after each of them that succeeded. */
export const afterSuccess = (act: (id: string, call: Checkpoint) => void | Promise<void>): CriWrapper =>
  ownCheckpoints(async (call, next) => {
    const answer = await next(call);
    await act(call.request.container_id, call);
    return answer;
  });

/** Shorter than any deadline that is not meant to pass, seconds. */
const SHORT_DEADLINE = 10;

/**
 * Why the caller of a call is not there any more, where it is not. A client whose deadline passes leaves, too: only how
 * long the deadline was tells the two apart.
 */
function gone({ signal, deadlineSeconds = Number.POSITIVE_INFINITY }: Checkpoint): 'deadline' | 'caller' | undefined {
  if (!signal.aborted) return undefined;
  return deadlineSeconds < SHORT_DEADLINE ? 'deadline' : 'caller';
}

/** What is done after each of them whose caller left in this way, before it ends. */
export const afterDisconnect = (
  how: 'deadline' | 'caller',
  act: (call: Checkpoint) => void | Promise<void>,
): CriWrapper =>
  ownCheckpoints(async (call, next) => {
    try {
      return await next(call);
    } catch (error) {
      if (gone(call) === how) await act(call);
      throw error;
    }
  });

/** Freezes a container that is still there and runs. */
export function freezeIfRunning(runtime: RuntimeControl, id: string): void {
  if (runtime.container(id)?.state === 'CONTAINER_RUNNING') runtime.freeze(id);
}
