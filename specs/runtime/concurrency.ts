// Rules about concurrent checkpoints: of one container, of several containers, and to one location.
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { finding, harm } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointsAtOnce, checkpointTo, expectCompleteArchive, expectProgress, HOLD_MORE } from '../steps/checkpoint';
import { expectOk, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { CriOutcome, Runtime, TestContainer } from '../subject/subject';

const AT_ONCE = ['1.tar', '2.tar', '3.tar'];
/** Number of containers that are checkpointed at once, as a kubelet may do when a node is drained. */
const MANY = 5;
/** When the second checkpoint is requested, as fractions of the duration of the first one. */
const SECOND_AT = [0, 0.2, 0.4, 0.6, 0.8];

interface Attempt {
  readonly location: string;
  readonly outcome: CriOutcome<'CheckpointContainer'>;
}

/** Makes several checkpoints of one container. All of them start before the first one has ended. */
async function atOnce(runtime: Runtime, container: TestContainer): Promise<readonly Attempt[]> {
  const directory = await runtime.directory();
  return Promise.all(
    AT_ONCE.map(async (name) => {
      const location = path.join(directory, name);
      return { location, outcome: await checkpointTo(runtime, container, location) };
    }),
  );
}

const isThere = (file: string) =>
  fs.lstat(file).then(
    () => true,
    () => false,
  );

export const concurrencySpecs = group('runtime/concurrency', { level: 'hardening', needs: ['runtime', 'checkpoint'] }, [
  {
    id: 'one-container-goes-on',
    title: 'The container keeps running after three concurrent checkpoints, whether or not they succeed',
    source: finding('concurrent-one-container'),
    needs: ['log-files'],
    mutants: {
      'runtime-frozen-by-several-at-once': 'progress',
      'runtime-leaves-container-frozen': 'progress',
      'runtime-stops-container': 'progress',
    },
    async check(subject) {
      const container = await subject.runtime.started();
      await atOnce(subject.runtime, container);
      await expectProgress(subject, container, 'after three concurrent checkpoints');
    },
  },
  {
    id: 'one-container-archives-are-whole',
    title:
      'Each of three concurrent checkpoints of one container writes a complete archive, or fails and leaves no file',
    source: harm('lost'),
    needs: ['files'],
    mutants: {
      ...UNREADABLE,
      'runtime-second-at-once-writes-nothing': 'archive',
      'runtime-second-at-once-fails-and-writes': 'left-over',
    },
    async check({ runtime }) {
      for (const { location, outcome } of await atOnce(runtime, await runtime.started())) {
        if (outcome.ok) await expectCompleteArchive(location);
        else {
          const actual = `A checkpoint failed with ${outcome.code}, but left a file at its location: ${path.basename(location)}`;
          expectThat('left-over', !(await isThere(location)), 'no file after a failed checkpoint', actual, [location]);
        }
      }
    },
  },
  {
    id: 'one-location-is-one-whole-archive',
    title: 'Two concurrent checkpoints to one location leave one complete archive, whenever the second one starts',
    source: finding('tail-kept'),
    needs: ['files'],
    mutants: { ...UNREADABLE, 'archive-tail-kept': 'archive', 'archive-mixed-when-at-once': 'archive' },
    async check({ runtime }) {
      const [larger, smaller] = [await runtime.started({ command: HOLD_MORE }), await runtime.started()];
      const directory = await runtime.directory();
      const start = performance.now();
      await checkpointTo(runtime, larger, path.join(directory, 'alone.tar'));
      const aloneMs = performance.now() - start;
      const waits: ((first: Promise<unknown>) => Promise<unknown>)[] = [
        ...SECOND_AT.map((part) => () => setTimeout(aloneMs * part)),
        // Wait for the first checkpoint, so that the smaller archive is written last. A runtime that does not truncate
        // the file then leaves the end of the larger archive.
        (first) => first,
      ];
      for (const [round, wait] of waits.entries()) {
        const location = path.join(directory, `${round}.tar`);
        const first = checkpointTo(runtime, larger, location);
        await wait(first);
        const outcomes = await Promise.all([first, checkpointTo(runtime, smaller, location)]);
        if (outcomes.some(({ ok }) => ok))
          await expectCompleteArchive(
            location,
            'After two checkpoints to one location,',
            "the other container's archive",
          );
      }
    },
  },
  {
    id: 'many-containers-all-succeed',
    title: 'Concurrent checkpoints of five containers all succeed, each with its own archive',
    source: harm('lost'),
    needs: ['files'],
    mutants: { ...UNREADABLE, 'runtime-one-checkpoint-at-a-time': 'ok' },
    async check({ runtime }) {
      const containers = await Promise.all(Array.from({ length: MANY }, () => runtime.started()));
      const directory = await runtime.directory();
      const pairs = containers.map((container, index) => [container, path.join(directory, `${index}.tar`)] as const);
      for (const outcome of await checkpointsAtOnce(runtime, pairs))
        expectOk('CheckpointContainer', outcome, `One of the concurrent checkpoints of ${MANY} containers`);
      for (const [, location] of pairs) await expectCompleteArchive(location);
    },
  },
]);
