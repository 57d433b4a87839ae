// Runs an action while a checkpoint is in progress.

import type { Node, SeenCheckpoint, Subject } from '../subject/subject';
import { checkpointPath } from './kubelet-request';

/** Duration of the checkpoint, seconds. It is longer than any spec. */
const DELAY_SECONDS = 60;

/**
 * Runs `action` while a checkpoint of the running container is in progress. Afterwards the client disconnects. If the
 * runtime does not receive the call, the failure has the label `arrives`. Needs `runtime-faults` and `call-log`.
 *
 * @param action called with two functions. The first returns the CheckpointContainer calls so far. The second
 * disconnects the client before `action` ends
 */
export async function duringCheckpoint(
  { checkpointsDuring, request, running, whileRuntime }: Node,
  until: Subject['until'],
  action: (callsSoFar: () => readonly SeenCheckpoint[], disconnect: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await checkpointsDuring((callsSoFar) =>
    whileRuntime({ delaySeconds: DELAY_SECONDS }, async () => {
      const client = new AbortController();
      const target = checkpointPath(running);
      const answer = request({ method: 'POST', target, signal: client.signal }).catch(() => undefined);
      const disconnect = async () => {
        client.abort();
        await answer;
      };
      const arrived = async () => callsSoFar().length;
      try {
        await until('arrives', arrived, (count) => count === 1, {
          expected: 'one CheckpointContainer call in the runtime',
          actual: (count, seconds) =>
            `${seconds} s after the request was sent the runtime has received ${count} CheckpointContainer calls`,
        });
        await action(callsSoFar, disconnect);
      } finally {
        await disconnect();
      }
    }),
  );
}
