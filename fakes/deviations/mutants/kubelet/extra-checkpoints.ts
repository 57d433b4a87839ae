// Checkpoints that nobody asked for, by which a broken kubelet can be told.
import type { CriCall, CriWrapper } from '../../../base/cri-call';

type Ask = (call: CriCall<'CheckpointContainer'>) => Promise<unknown>;

/** What has to be put around the kubelet's calls, and a checkpoint of nothing that can be asked for from then on. */
export function extraCheckpoints(): { readonly kubeletCri: CriWrapper; ask(signal: AbortSignal): Promise<unknown> } {
  let ask: Ask | undefined;
  return {
    kubeletCri: (call, next) => {
      ask = next;
      return next(call);
    },
    ask: async (signal) =>
      ask?.({
        method: 'CheckpointContainer',
        request: { container_id: 'none', location: '/none.tar', timeout: '0' },
        deadlineSeconds: 1,
        signal,
      }).catch(() => undefined),
  };
}
