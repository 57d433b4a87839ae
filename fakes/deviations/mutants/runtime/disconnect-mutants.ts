// Defines runtimes that fail if a client disconnects during a checkpoint, or if they are restarted.
import fs from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { chain } from '../../../base/chain';
import type { CriWrapper } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { afterDisconnect, freezeIfRunning, isOfASpec, ownCheckpoints } from './own-checkpoints';

const runtimeCri = (...wrappers: readonly CriWrapper[]): Effects => ({
  runtimeCri: (call, next) => chain(wrappers, next)(call),
});

const frozenAfter = (how: 'deadline' | 'caller', runtime: () => RuntimeControl) =>
  runtimeCri(afterDisconnect(how, ({ request }) => freezeIfRunning(runtime(), request.container_id)));

/** Makes effects that write a file to the location of the archive although the call was aborted. */
const archiveAfter = (how: 'deadline' | 'caller') =>
  runtimeCri(afterDisconnect(how, ({ request }) => fs.writeFile(request.location, 'late', { mode: 0o600 })));

/** Makes effects that treat the container as if its checkpoint never ended. */
function busyAfter(how: 'deadline' | 'caller'): Effects {
  const busy = new Set<string>();
  return runtimeCri(
    ownCheckpoints(async (call, next) => {
      if (busy.has(call.request.container_id)) throw new StatusError(status.UNKNOWN, 'a checkpoint is in progress');
      return next(call);
    }),
    afterDisconnect(how, ({ request }) => void busy.add(request.container_id)),
  );
}

const table: DeviationTable = {
  'runtime-frozen-after-deadline': [
    'Leaves the container frozen if the deadline passes',
    (runtime) => frozenAfter('deadline', runtime),
  ],
  'runtime-frozen-after-cancellation': [
    'Leaves the container frozen if the client disconnects',
    (runtime) => frozenAfter('caller', runtime),
  ],
  'runtime-archive-after-deadline': [
    'Writes an archive although the deadline has passed',
    () => archiveAfter('deadline'),
  ],
  'runtime-archive-after-cancellation': [
    'Writes an archive although the client has disconnected',
    () => archiveAfter('caller'),
  ],
  'runtime-busy-after-deadline': [
    'Refuses all later checkpoints after a deadline has passed',
    () => busyAfter('deadline'),
  ],
  'runtime-busy-after-cancellation': [
    'Refuses all later checkpoints after a client has disconnected',
    () => busyAfter('caller'),
  ],
  'runtime-restart-ends-containers': [
    'Stops containers that no kubelet manages when it is restarted',
    (runtime) => {
      const orphans = new Set<string>();
      return {
        runtimeCri: async (call, next) => {
          const answer = await next(call);
          if (call.method === 'CreateContainer' && 'config' in call.request && 'container_id' in answer)
            if (isOfASpec(call.request.config?.labels)) orphans.add(String(answer.container_id));
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
