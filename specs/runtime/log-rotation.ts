// Rules about a container log that a kubelet rotates during a checkpoint.
import fs from 'node:fs/promises';
import path from 'node:path';
import { harm } from '../catalogue/sources';
import { checkpointTo, expectProgress, untilReady } from '../steps/checkpoint';
import { expectOk, expectThat, Unsupported } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime, TestContainer } from '../subject/subject';

/** Maximum number of rotations during one checkpoint. A short checkpoint may allow only one. */
const MAX_ROTATIONS = 5;
/**
 * Minimum duration of a checkpoint if the target can slow it down, milliseconds. Long enough for log lines after the
 * last rotation.
 */
const SLOW_MS = 400;

/**
 * Renames the log and asks the runtime to reopen it, as a kubelet does. Returns the path of the rotated file; undefined
 * if the runtime refuses to reopen the log.
 */
async function rotate(
  runtime: Runtime,
  { id: container_id }: TestContainer,
  count: number,
): Promise<string | undefined> {
  const outcome = await runtime.call('ContainerStatus', { container_id });
  expectOk('ContainerStatus', outcome);
  const log = outcome.response.status?.log_path ?? '';
  const rotated = `${log}.${count}`;
  await fs.rename(log, rotated);
  if ((await runtime.call('ReopenContainerLog', { container_id })).ok) return rotated;
  await fs.rename(rotated, log);
  return undefined;
}

/**
 * Returns the numbers in a rotated log; an empty list if the file does not exist. Lines have the form `TIME STREAM TAG
 * TEXT`.
 */
async function countsIn(file: string): Promise<readonly string[]> {
  const content = await fs.readFile(file, 'utf8').catch(() => '');
  return content.split('\n').flatMap((line) => line.split(' ')[3] ?? []);
}

export const logRotationSpecs = group(
  'runtime/log-rotation',
  { level: 'hardening', needs: ['runtime', 'checkpoint', 'log-files'] },
  [
    {
      id: 'loses-no-line',
      title: 'A log that is rotated during a checkpoint loses no line',
      source: harm('frozen'),
      mutants: {
        'runtime-checkpoint-removes-rotated-logs': 'lines',
        'runtime-checkpoint-cuts-the-log': 'lines',
        'runtime-leaves-container-frozen': 'progress',
        'runtime-stops-container': 'progress',
      },
      async check(subject) {
        const { runtime } = subject;
        const container = await runtime.started();
        await untilReady(subject, container);
        const location = path.join(await runtime.directory(), 'rotated.tar');
        const rotated: string[] = [];
        const outcome = await runtime.whileSlow(SLOW_MS, async () => {
          let underWay = true;
          const checkpoint = checkpointTo(runtime, container, location).finally(() => {
            underWay = false;
          });
          for (let count = 1; underWay && count <= MAX_ROTATIONS; count++) {
            const file = await rotate(runtime, container, count);
            if (file !== undefined) rotated.push(file);
            await expectProgress(subject, container, 'after the rotation of its log');
          }
          return checkpoint;
        });
        expectOk('CheckpointContainer', outcome, 'A checkpoint during which the log was rotated');
        await expectProgress(subject, container);
        if (rotated.length === 0) throw new Unsupported('ReopenContainerLog fails during a checkpoint', 'not-offered');
        const counts = (await Promise.all(rotated.map(countsIn))).flat();
        counts.push(...(await container.log()).map(({ text }) => text));
        const wrong = counts.findIndex((text, index) => text !== String(index));
        const near = counts.slice(Math.max(0, wrong - 2), wrong + 3).join(', ');
        const lost = `Lines of the log were lost when it was rotated during a checkpoint: the container counts from 0, and its logs have ... ${near} ...`;
        expectThat('lines', wrong === -1, `${wrong} as the next number in the logs`, lost);
      },
    },
  ],
);
