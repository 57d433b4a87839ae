// A caller that leaves in the middle of a checkpoint, by its deadline or by cancelling: the container must not suffer.
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { circumstance, finding } from '../catalogue/sources';
import { checkpointTo, expectProgress } from '../steps/checkpoint';
import { expectOk, expectStillEmpty, expectThat } from '../subject/expect';
import { group, type Spec } from '../subject/spec';
import type { CriOutcome, Runtime, Subject, TestContainer } from '../subject/subject';

/**
 * Parts of the time that a checkpoint takes, after which the caller leaves: some while the container is being stopped,
 * some in the middle of the dump.
 */
const LEAVE_AT = [0.5, 0.15, 0.1, 0.2, 0.3, 0.25];
/** Long enough to be left in the middle, where the length of a checkpoint can be arranged; milliseconds. */
const SLOW_MS = 60;
/** How far another container gets while one waits for what may still come. */
const LINES_OF_ANOTHER = 5;

type Leave = (
  runtime: Runtime,
  container: TestContainer,
  location: string,
  afterMs: number,
) => Promise<CriOutcome<'CheckpointContainer'>>;

const byDeadline: Leave = (runtime, container, location, afterMs) =>
  runtime.call('CheckpointContainer', { container_id: container.id, location }, { deadlineSeconds: afterMs / 1000 });

const byCancelling: Leave = async (runtime, container, location, afterMs) => {
  const leave = new AbortController();
  const request = { container_id: container.id, location };
  const outcome = runtime.call('CheckpointContainer', request, { signal: leave.signal });
  await setTimeout(afterMs);
  leave.abort();
  return outcome;
};

/** One checkpoint that was left, unless it was over before. */
interface Left {
  readonly container: TestContainer;
  readonly location: string;
}

/** How long one checkpoint takes that nobody leaves; milliseconds. It must succeed (label `ok`). */
async function usualMs(runtime: Runtime): Promise<number> {
  const container = await runtime.started();
  const location = path.join(await runtime.directory(), 'usual.tar');
  const begin = performance.now();
  expectOk(
    'CheckpointContainer',
    await checkpointTo(runtime, container, location),
    'A checkpoint that nobody interrupts',
  );
  return performance.now() - begin;
}

/** Checkpoints that were left, one after another, each of a container of its own; one that was over tells nothing. */
async function* leaving({ runtime }: Subject, leave: Leave): AsyncGenerator<Left> {
  let wholeMs = await runtime.whileSlow(SLOW_MS, () => usualMs(runtime));
  for (const part of LEAVE_AT) {
    const container = await runtime.started();
    const location = path.join(await runtime.directory(), 'left.tar');
    const begin = performance.now();
    const { ok } = await runtime.whileSlow(SLOW_MS, () => leave(runtime, container, location, wholeMs * part));
    if (!ok) yield { container, location };
    // The first one may have been slow: then the others were over before they were left.
    else wholeMs = Math.min(wholeMs, performance.now() - begin);
  }
}

/** Whatever a runtime still had to do for a caller that left is done when this returns. */
async function afterwards(subject: Subject, container: TestContainer): Promise<void> {
  const { runtime } = subject;
  // It takes its turn behind what is left of the first one; whether it succeeds is the business of another rule.
  await checkpointTo(runtime, container, path.join(await runtime.directory(), 'next.tar'));
  await expectProgress(subject, await runtime.started(), 'after its start', LINES_OF_ANOTHER);
}

/** The same rules hold for both ways to leave. */
function rulesOf(how: string, past: string, leave: Leave, mutants: Record<'frozen' | 'archive' | 'busy', string>) {
  const containerGoesOn = {
    id: 'container-goes-on',
    title: `When ${how} during a checkpoint the container runs on`,
    source: finding('frozen-after-deadline'),
    needs: ['log-files'],
    mutants: { [mutants.frozen]: 'progress' },
    async check(subject) {
      for await (const { container } of leaving(subject, leave))
        await expectProgress(subject, container, `after ${past}`);
    },
  } satisfies Partial<Spec>;
  const noArchiveAppears = {
    id: 'no-archive-appears',
    title: `When ${how} during a checkpoint no archive appears any more, nor a part of one`,
    source: finding('archive-after-deadline'),
    needs: ['log-files', 'files'],
    mutants: { [mutants.archive]: 'left-over', 'runtime-refusal-leaves-a-file': 'left-over' },
    async check(subject) {
      let found = '';
      for await (const { container, location } of leaving(subject, leave)) {
        await afterwards(subject, container);
        found = (await fs.readdir(path.dirname(location))).join();
        // A checkpoint may be over just when its caller leaves: only a runtime that always goes on is at fault.
        if (found === '') return;
      }
      const actual = `Although ${past} in the middle of the checkpoint, the runtime left a file: ${found}`;
      expectThat('left-over', found === '', 'no archive and no part of one', actual);
    },
  } satisfies Partial<Spec>;
  const laterSucceeds = {
    id: 'later-checkpoint-succeeds',
    title: `After ${how} during a checkpoint the container can be checkpointed again`,
    source: finding('frozen-after-deadline'),
    mutants: { [mutants.busy]: 'ok' },
    async check(subject) {
      for await (const { container, location } of leaving(subject, leave)) {
        // What is left of the first one may still be under way: a runtime may say so, for a while.
        await subject.until(
          'ok',
          () => checkpointTo(subject.runtime, container, `${location}.later`),
          ({ ok }) => ok,
          {
            expected: 'a successful checkpoint',
            actual: (last, seconds) =>
              `${seconds} s after ${past} during a checkpoint every further checkpoint of the container still fails: ${last.ok ? '' : `${last.code}: ${last.message}`}`,
            about: [`${location}.later`],
          },
        );
      }
    },
  } satisfies Partial<Spec>;
  return [containerGoesOn, noArchiveAppears, laterSucceeds];
}

export const deadlineSpecs = group(
  'runtime/deadline',
  { level: 'hardening', needs: ['runtime', 'checkpoint'] },
  rulesOf('the deadline passes', 'the deadline passed', byDeadline, {
    frozen: 'runtime-frozen-after-deadline',
    archive: 'runtime-archive-after-deadline',
    busy: 'runtime-busy-after-deadline',
  }),
);

export const cancellationSpecs = group(
  'runtime/cancellation',
  { level: 'hardening', needs: ['runtime', 'checkpoint'] },
  rulesOf('the caller cancels', 'the caller cancelled', byCancelling, {
    frozen: 'runtime-frozen-after-cancellation',
    archive: 'runtime-archive-after-cancellation',
    busy: 'runtime-busy-after-cancellation',
  }),
);

export const restartSpecs = group(
  'runtime/restart',
  { level: 'hardening', needs: ['runtime', 'checkpoint', 'runtime-restart', 'log-files'] },
  [
    {
      id: 'containers-go-on',
      title: 'Containers keep running when the runtime restarts, and can be checkpointed afterwards',
      source: circumstance('restart'),
      mutants: { 'runtime-restart-ends-containers': 'progress' },
      async check(subject) {
        const { runtime } = subject;
        const container = await runtime.started();
        await runtime.restart();
        await expectProgress(subject, container, 'after the restart of the runtime');
        const location = path.join(await runtime.directory(), 'after.tar');
        const outcome = await checkpointTo(runtime, container, location);
        expectOk('CheckpointContainer', outcome, 'After the restart of the runtime the checkpoint of a container');
      },
    },
    {
      id: 'checkpoint-under-way-leaves-nothing',
      title: 'If the runtime restarts during a checkpoint, the container keeps running and no partial archive is left',
      source: circumstance('restart'),
      needs: ['files'],
      mutants: {
        'runtime-restart-ends-containers': 'progress',
        'runtime-frozen-after-cancellation': 'progress',
        'runtime-archive-after-cancellation': 'left-over',
        'runtime-refusal-leaves-a-file': 'left-over',
      },
      async check(subject) {
        const { runtime } = subject;
        const container = await runtime.started();
        const location = path.join(await runtime.directory(), 'cut.tar');
        await runtime.whileSlow(SLOW_MS, async () => {
          const call = checkpointTo(runtime, container, location);
          await setTimeout(SLOW_MS / 2);
          await runtime.restart();
          await call;
        });
        await expectProgress(subject, container, 'after a restart of the runtime during its checkpoint');
        await afterwards(subject, container);
        await expectStillEmpty(path.dirname(location), 'The checkpoint that the restart of the runtime interrupted');
      },
    },
  ],
);
