// Defines kubelets that handle concurrent requests or disconnecting clients wrongly.
import type { HttpResponse } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { changeRequest, isCheckpoint } from '../../effects/http-effects';
import { lasting } from '../runtime/lasting';

const BUSY: HttpResponse = { status: 503, headers: [], body: 'made up: busy' };

const table = {
  'kubelet-one-at-a-time': [
    'Handles checkpoint requests one after another',
    () => {
      let last: Promise<unknown> = Promise.resolve();
      return {
        http: (request, next) => {
          if (!isCheckpoint(request)) return next(request);
          const turn = last.then(() => next(request));
          last = turn.catch(() => undefined);
          return turn;
        },
      };
    },
  ],
  'kubelet-busy-is-503': [
    'Responds with 503 while a checkpoint is in progress',
    () => {
      let busy = 0;
      return {
        http: async (request, next) => {
          if (!isCheckpoint(request)) return next(request);
          if (busy > 0) return BUSY;
          busy += 1;
          try {
            return await lasting(next(request), request);
          } finally {
            busy -= 1;
          }
        },
      };
    },
  ],
  'kubelet-shares-one-call': [
    'Makes only one checkpoint for concurrent requests with the same target',
    () => {
      const inProgress = new Map<string, Promise<HttpResponse>>();
      return {
        http: (request, next) => {
          const key = `${request.method} ${request.target} ${request.user?.name}`;
          if (!isCheckpoint(request)) return next(request);
          const shared = inProgress.get(key) ?? lasting(next(request), request).finally(() => inProgress.delete(key));
          inProgress.set(key, shared);
          return shared;
        },
      };
    },
  ],
  'kubelet-goes-on-without-its-client': [
    'Continues a checkpoint after its client has disconnected',
    () => ({ http: changeRequest((request) => ({ ...request, signal: new AbortController().signal })) }),
  ],
  'kubelet-one-name-a-second': [
    'Gives archives of the same second the same name, as real kubelets do',
    () => ({ kubelet: ({ stamp: _, ...options }) => options }),
  ],
} satisfies DeviationTable;

export const kubeletAtOnceMutants = deviations('mutant', table);
