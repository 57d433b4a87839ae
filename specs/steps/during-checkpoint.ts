// A checkpoint that stays in progress while a spec acts.

import type { Node, SeenCheckpoint, Subject } from '../subject/subject';
import { checkpointPath } from './kubelet-request';

/** Longer than any spec runs, seconds. */
const DELAY_SECONDS = 60;

/**
 * Runs `action` while a checkpoint of the running container is in progress; then the client disconnects. Fails with the
 * label `arrives` if the runtime does not get the call. Needs `runtime-faults` and `call-log`.
 *
 * @param action gets the calls so far, and a function that disconnects the client earlier
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
