// Makes checkpoint calls that no client requested, for mutants.
import type { CriCall, CriWrapper } from '../../../base/cri-call';

type CheckpointCall = (call: CriCall<'CheckpointContainer'>) => Promise<unknown>;

/**
 * Returns an interceptor for the kubelet's CRI calls, and a function that makes a checkpoint call for a container that
 * does not exist. The function has no effect before the first intercepted call.
 */
export function extraCheckpoints(): {
  readonly kubeletCri: CriWrapper;
  makeCall(signal: AbortSignal): Promise<unknown>;
} {
  let nextCall: CheckpointCall | undefined;
  return {
    kubeletCri: (call, next) => {
      nextCall = next;
      return next(call);
    },
    makeCall: async (signal) =>
      nextCall?.({
        method: 'CheckpointContainer',
        request: { container_id: 'none', location: '/none.tar', timeout: '0' },
        deadlineSeconds: 1,
        signal,
      }).catch(() => undefined),
  };
}
