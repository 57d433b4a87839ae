// Makes interceptors for mutants of the runtime. They do not intercept checkpoints of kubelets, which have their own
// socket, so that each mutant breaks only rules about the runtime.

import { type CriCall, type CriWrapper, onMethod, onSocket } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';

export type Checkpoint = CriCall<'CheckpointContainer'>;
export type NextCheckpoint = (call: Checkpoint) => Promise<object>;

/**
 * Returns whether a container belongs to a pod that a spec created. Containers of kubelets are excluded, because a
 * kubelet would restart them.
 */
export const isOfASpec = (labels: Readonly<Record<string, string>> = {}): boolean =>
  labels['io.kubernetes.pod.name'] === `ckptest-${labels['io.kubernetes.pod.uid']}`;

/** Makes an interceptor of the checkpoints that no kubelet requested. */
export const ownCheckpoints = (wrapper: (call: Checkpoint, next: NextCheckpoint) => Promise<object>): CriWrapper =>
  onSocket('main', onMethod('CheckpointContainer', wrapper));

/** Makes an interceptor that runs an action after each successful checkpoint that no kubelet requested. */
export const afterSuccess = (act: (id: string, call: Checkpoint) => void | Promise<void>): CriWrapper =>
  ownCheckpoints(async (call, next) => {
    const answer = await next(call);
    await act(call.request.container_id, call);
    return answer;
  });

/** A deadline of fewer seconds is short. Tests use a short deadline only if it is meant to pass. */
const SHORT_DEADLINE = 10;

/**
 * Returns why the client of a call has disconnected, or undefined if the client is connected. The reason of a
 * disconnect is assumed to be the deadline if the deadline is short.
 */
function gone({ signal, deadlineSeconds = Number.POSITIVE_INFINITY }: Checkpoint): 'deadline' | 'caller' | undefined {
  if (!signal.aborted) return undefined;
  return deadlineSeconds < SHORT_DEADLINE ? 'deadline' : 'caller';
}

/**
 * Makes an interceptor that runs an action after a checkpoint has failed because its client disconnected for the given
 * reason. The action runs before the call ends. Checkpoints of kubelets are not affected.
 */
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

/** Freezes a container if it is still running. */
export function freezeIfRunning(runtime: RuntimeControl, id: string): void {
  if (runtime.container(id)?.state === 'CONTAINER_RUNNING') runtime.freeze(id);
}
