// Interceptors for mutants of the runtime. They skip the checkpoints of kubelets, which have a socket to themselves, so that
// each mutant breaks only rules about the runtime.

import { type CriCall, type CriWrapper, onMethod, onSocket } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';

export type Checkpoint = CriCall<'CheckpointContainer'>;
export type NextCheckpoint = (call: Checkpoint) => Promise<object>;

/** Whether a container is of a pod that a spec created. A kubelet would start the containers of its own pods again. */
export const isOfASpec = (labels: Readonly<Record<string, string>> = {}): boolean =>
  labels['io.kubernetes.pod.name'] === `ckptest-${labels['io.kubernetes.pod.uid']}`;

/** Intercepts the checkpoints that no kubelet requested. */
export const ownCheckpoints = (wrapper: (call: Checkpoint, next: NextCheckpoint) => Promise<object>): CriWrapper =>
  onSocket('main', onMethod('CheckpointContainer', wrapper));

/** Runs `act` after each of these checkpoints that succeeded. */
export const afterSuccess = (act: (id: string, call: Checkpoint) => void | Promise<void>): CriWrapper =>
  ownCheckpoints(async (call, next) => {
    const answer = await next(call);
    await act(call.request.container_id, call);
    return answer;
  });

/** Seconds. A test whose deadline is meant to pass uses a shorter one. */
const SHORT_DEADLINE = 10;

/**
 * Returns why the client of a call has disconnected, or undefined if it has not. A client also disconnects when its
 * deadline passes, so only the length of the deadline distinguishes the two.
 */
function gone({ signal, deadlineSeconds = Number.POSITIVE_INFINITY }: Checkpoint): 'deadline' | 'caller' | undefined {
  if (!signal.aborted) return undefined;
  return deadlineSeconds < SHORT_DEADLINE ? 'deadline' : 'caller';
}

/**
 * Runs an action after each of these checkpoints whose client disconnected for the given reason, before the call ends.
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
