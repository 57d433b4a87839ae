// Rules about a caller that disconnects during a checkpoint, by its deadline or by cancelling.
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { archiveFault } from '../archive-file/reader';
import { circumstance, finding } from '../catalogue/sources';
import { checkpointTo, expectProgress, grantedCheckpoint } from '../steps/checkpoint';
import { expectOk, expectStillEmpty, expectThat } from '../subject/expect';
import { group, type Spec } from '../subject/spec';
import type { CriOutcome, Runtime, Subject, TestContainer } from '../subject/subject';

/**
 * When the caller disconnects, as fractions of the duration of a checkpoint: some values fall into the pause of the
 * container, some into the rest of the dump.
 */
const DISCONNECT_AT = [0.5, 0.15, 0.1, 0.2, 0.3, 0.25];
/**
 * Minimum duration of a checkpoint, if the target can slow it down, milliseconds. Long enough to disconnect during it.
 */
const SLOW_MS = 60;
/** How many lines another container logs while the spec waits for late effects. */
const LINES_OF_ANOTHER = 5;

type Disconnect = (
  runtime: Runtime,
  container: TestContainer,
  location: string,
  afterMs: number,
) => Promise<CriOutcome<'CheckpointContainer'>>;

const byDeadline: Disconnect = (runtime, container, location, afterMs) =>
  runtime.call('CheckpointContainer', { container_id: container.id, location }, { deadlineSeconds: afterMs / 1000 });

const byCancelling: Disconnect = async (runtime, container, location, afterMs) => {
  const cancel = new AbortController();
  const request = { container_id: container.id, location };
  const outcome = runtime.call('CheckpointContainer', request, { signal: cancel.signal });
  await setTimeout(afterMs);
  cancel.abort();
  return outcome;
};

/** A checkpoint that the caller interrupted before it ended. */
interface InterruptedCheckpoint {
  readonly container: TestContainer;
  readonly location: string;
  /** When the call began, milliseconds by `performance.now()`. */
  readonly begin: number;
}

/**
 * Returns a clause about the files in the directory of an interrupted checkpoint. It says of each file whether the file
 * is a complete archive. Returns an empty string if there is no file.
 */
async function filesLeft({ location, begin }: InterruptedCheckpoint): Promise<string> {
  const directory = path.dirname(location);
  const after = `${((performance.now() - begin) / 1000).toFixed(1)} s after the call`;
  const names = await fs.readdir(directory);
  const kinds = names.map(async (name) => {
    const fault = await archiveFault(path.join(directory, name));
    return `${name}, ${fault === undefined ? 'a complete archive' : `not a complete archive (${fault})`}`;
  });
  return names.length === 0 ? '' : `${after} its directory contains ${(await Promise.all(kinds)).join('; ')}`;
}

/** Returns the duration of an uninterrupted checkpoint, milliseconds. */
async function usualMs(runtime: Runtime): Promise<number> {
  const container = await runtime.started();
  const location = path.join(await runtime.directory(), 'usual.tar');
  const begin = performance.now();
  await grantedCheckpoint(runtime, container, location);
  return performance.now() - begin;
}

/**
 * Yields interrupted checkpoints, each of a new container. A checkpoint that ended before the caller disconnected is
 * not yielded.
 *
 * @param ready running containers to checkpoint. Default: each container is started when it is needed
 */
async function* interruptedCheckpoints(
  { runtime }: Subject,
  disconnect: Disconnect,
  ready: readonly TestContainer[] = [],
): AsyncGenerator<InterruptedCheckpoint> {
  let wholeMs = await runtime.whileSlow(SLOW_MS, () => usualMs(runtime));
  for (const [index, part] of DISCONNECT_AT.entries()) {
    const container = ready[index] ?? (await runtime.started());
    const location = path.join(await runtime.directory(), 'left.tar');
    const begin = performance.now();
    const { ok } = await runtime.whileSlow(SLOW_MS, () => disconnect(runtime, container, location, wholeMs * part));
    if (!ok) yield { container, location, begin };
    // If this checkpoint ended sooner than the measured duration, disconnect earlier from now on.
    else wholeMs = Math.min(wholeMs, performance.now() - begin);
  }
}

/**
 * Number of interrupted checkpoints after each of which the spec tries another checkpoint. A runtime that stays busy
 * after an interruption does so every time.
 */
const ENOUGH_LATER = 2;

/** Starts a container for each of the interrupted checkpoints, all at once. */
const allStarted = ({ runtime }: Subject) => Promise.all(DISCONNECT_AT.map(() => runtime.started()));

/** Waits until the runtime has finished the work that remains from an interrupted checkpoint. */
async function awaitRemainingWork(subject: Subject, container: TestContainer): Promise<void> {
  const { runtime } = subject;
  // A second checkpoint waits until the first one has ended. Another rule tests whether the second one succeeds.
  await checkpointTo(runtime, container, path.join(await runtime.directory(), 'next.tar'));
  await expectProgress(subject, await runtime.started(), 'after its start', LINES_OF_ANOTHER);
}

/** The findings and the mutants for one way to disconnect. */
interface Names {
  readonly findings: Readonly<Record<'frozen' | 'archive', string>>;
  readonly mutants: Readonly<Record<'frozen' | 'archive' | 'busy', string>>;
}

/**
 * Makes the rules for one way to disconnect.
 *
 * @param how the event as a clause in the present tense, such as `the caller cancels`
 * @param past the same clause in the past tense
 */
function rulesOf(how: string, past: string, disconnect: Disconnect, { findings, mutants }: Names) {
  const containerGoesOn = {
    id: 'container-goes-on',
    title: `If ${how} during a checkpoint, the container keeps running`,
    source: finding(findings.frozen),
    needs: ['log-files'],
    when: 'alone',
    mutants: { [mutants.frozen]: 'progress' },
    async check(subject) {
      const containers: TestContainer[] = [];
      const ready = await allStarted(subject);
      for await (const { container } of interruptedCheckpoints(subject, disconnect, ready)) containers.push(container);
      subject.onlyWaits();
      await Promise.all(containers.map((container) => expectProgress(subject, container, `after ${past}`)));
    },
  } satisfies Partial<Spec>;
  const noArchiveAppears = {
    id: 'no-archive-appears',
    title: `If ${how} during a checkpoint, no complete or partial archive is left`,
    source: finding(findings.archive),
    needs: ['log-files', 'files'],
    when: 'alone',
    mutants: { [mutants.archive]: 'left-over', 'runtime-refusal-leaves-a-file': 'left-over' },
    async check(subject) {
      let found = '';
      for await (const interrupted of interruptedCheckpoints(subject, disconnect)) {
        await awaitRemainingWork(subject, interrupted.container);
        found = await filesLeft(interrupted);
        // A checkpoint may end at the moment the caller disconnects. Only a runtime that leaves a file every time
        // breaks the rule.
        if (found === '') return;
      }
      const actual = `Although ${past} in the middle of the checkpoint, ${found}`;
      expectThat('left-over', found === '', 'no archive and no part of one', actual);
    },
  } satisfies Partial<Spec>;
  const laterSucceeds = {
    id: 'later-checkpoint-succeeds',
    title: `If ${how} during a checkpoint, the container can be checkpointed again afterwards`,
    source: finding(findings.frozen),
    when: 'alone',
    mutants: { [mutants.busy]: 'ok' },
    async check(subject) {
      let interrupted = 0;
      for await (const { container, location } of interruptedCheckpoints(subject, disconnect)) {
        // Some runtimes refuse further checkpoints for a while, because the first one has not ended.
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
        interrupted += 1;
        if (interrupted === ENOUGH_LATER) return;
      }
    },
  } satisfies Partial<Spec>;
  return [containerGoesOn, noArchiveAppears, laterSucceeds];
}

export const deadlineSpecs = group(
  'runtime/deadline',
  { level: 'hardening', needs: ['runtime', 'checkpoint'] },
  rulesOf('the deadline passes', 'the deadline passed', byDeadline, {
    findings: { frozen: 'frozen-after-deadline', archive: 'archive-after-deadline' },
    mutants: {
      frozen: 'runtime-frozen-after-deadline',
      archive: 'runtime-archive-after-deadline',
      busy: 'runtime-busy-after-deadline',
    },
  }),
);

export const cancellationSpecs = group(
  'runtime/cancellation',
  { level: 'hardening', needs: ['runtime', 'checkpoint'] },
  rulesOf('the caller cancels', 'the caller cancelled', byCancelling, {
    findings: { frozen: 'cancellation', archive: 'cancellation' },
    mutants: {
      frozen: 'runtime-frozen-after-cancellation',
      archive: 'runtime-archive-after-cancellation',
      busy: 'runtime-busy-after-cancellation',
    },
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
        await awaitRemainingWork(subject, container);
        await expectStillEmpty(path.dirname(location), 'The checkpoint that the restart of the runtime interrupted');
      },
    },
  ],
);
