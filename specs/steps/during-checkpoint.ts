// A checkpoint that is under way for as long as a spec wants.

import type { Node, SeenCheckpoint, Subject } from '../subject/subject';
import { checkpointPath } from './kubelet-request';

/** Longer than any spec. */
const DELAY_SECONDS = 60;

/**
 * Runs `action` while a checkpoint of the running container is under way at the runtime; then its client leaves. Label
 * `arrives` where the runtime never sees it. Needs `runtime-faults` and `call-log`.
 *
 * @param action gets the calls so far and a way to let the client leave before
 */
export async function duringCheckpoint(
  { checkpointsDuring, request, running, whileRuntime }: Node,
  until: Subject['until'],
  action: (callsSoFar: () => readonly SeenCheckpoint[], leave: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await checkpointsDuring((callsSoFar) =>
    whileRuntime({ delaySeconds: DELAY_SECONDS }, async () => {
      const disconnect = new AbortController();
      const target = checkpointPath(running);
      const answer = request({ method: 'POST', target, signal: disconnect.signal }).catch(() => undefined);
      const leave = async () => {
        disconnect.abort();
        await answer;
      };
      const arrived = async () => callsSoFar().length;
      try {
        await until('arrives', arrived, (count) => count === 1, {
          expected: 'one CheckpointContainer call in the runtime',
          actual: (count, seconds) =>
            `${seconds} s after the request was sent the runtime has received ${count} CheckpointContainer calls`,
        });
        await action(callsSoFar, leave);
      } finally {
        await leave();
      }
    }),
  );
}
