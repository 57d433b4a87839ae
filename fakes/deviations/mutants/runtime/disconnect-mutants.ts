// Runtimes that do not bear it when a caller leaves in the middle of a checkpoint, or when they are restarted.
import fs from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { chain } from '../../../base/chain';
import type { CriWrapper } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { afterDisconnect, freezeIfRunning, ownCheckpoints } from './own-checkpoints';

const runtimeCri = (...wrappers: readonly CriWrapper[]): Effects => ({
  runtimeCri: (call, next) => chain(wrappers, next)(call),
});

const frozenAfter = (how: 'deadline' | 'caller', runtime: () => RuntimeControl) =>
  runtimeCri(afterDisconnect(how, ({ request }) => freezeIfRunning(runtime(), request.container_id)));

/** The archive, or what there is of it, appears nonetheless. */
const archiveAfter = (how: 'deadline' | 'caller') =>
  runtimeCri(afterDisconnect(how, ({ request }) => fs.writeFile(request.location, 'late', { mode: 0o600 })));

/** The container counts as being checkpointed for good. */
function busyAfter(how: 'deadline' | 'caller'): Effects {
  const busy = new Set<string>();
  return runtimeCri(
    ownCheckpoints(async (call, next) => {
      if (busy.has(call.request.container_id)) throw new StatusError(status.UNKNOWN, 'a checkpoint is under way');
      return next(call);
    }),
    afterDisconnect(how, ({ request }) => void busy.add(request.container_id)),
  );
}

const table: DeviationTable = {
  'runtime-frozen-after-deadline': [
    'leaves the container frozen when the deadline passes',
    (runtime) => frozenAfter('deadline', runtime),
  ],
  'runtime-frozen-after-cancellation': [
    'leaves the container frozen when the caller leaves',
    (runtime) => frozenAfter('caller', runtime),
  ],
  'runtime-archive-after-deadline': ['writes an archive when the deadline has passed', () => archiveAfter('deadline')],
  'runtime-archive-after-cancellation': ['writes an archive when the caller has left', () => archiveAfter('caller')],
  'runtime-busy-after-deadline': ['stays busy when the deadline has passed', () => busyAfter('deadline')],
  'runtime-busy-after-cancellation': ['stays busy when the caller has left', () => busyAfter('caller')],
  'runtime-restart-ends-containers': [
    'takes the containers down that no kubelet looks after when it is restarted',
    (runtime) => {
      const orphans = new Set<string>();
      return {
        runtimeCri: async (call, next) => {
          const answer = await next(call);
          if (call.method === 'CreateContainer' && 'config' in call.request && 'container_id' in answer)
            if (!call.request.config?.labels['io.kubernetes.pod.name']) orphans.add(String(answer.container_id));
          return answer;
        },
        restarted: async () => {
          for (const id of orphans)
            if (runtime().container(id)?.state === 'CONTAINER_RUNNING') runtime().exit(id, 137, 'Error');
        },
      };
    },
  ],
};

export const disconnectMutants = deviations('mutant', table);
