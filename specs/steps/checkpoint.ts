// Steps that specs of the runtime share: creating a container, checkpointing it and waiting for its log.
import path from 'node:path';
import { archiveFault } from '../archive-file/reader';
import { IS_FOLLOWED } from '../archive-file/tar-walk';
import { counted, expectThat, Unsupported } from '../subject/expect';
import type { ContainerOptions, CriOutcome, Runtime, Subject, TestContainer } from '../subject/subject';

/** Deadline of a checkpoint in specs, seconds: the kubelet's own default. */
export const CHECKPOINT_DEADLINE_SECONDS = 120;

/**
 * A command that makes the container's archive larger: its shell uses one MiB more memory than usual and then logs a
 * line.
 */
export const HOLD_MORE = [
  '/bin/sh',
  '-c',
  "x=$(head -c 1048576 /dev/zero | tr '\\0' x); echo ready; while true; do sleep 1000; done",
];

/** Calls CheckpointContainer with the timeout 0, the default of CRI. */
export function checkpointTo(
  runtime: Runtime,
  container: { readonly id: string },
  location: string,
): Promise<CriOutcome<'CheckpointContainer'>> {
  const request = { container_id: container.id, location };
  return runtime.call('CheckpointContainer', request, { deadlineSeconds: CHECKPOINT_DEADLINE_SECONDS });
}

/**
 * Checkpoints a container for a rule that needs the checkpoint to succeed.
 *
 * @throws Unsupported if it fails twice; another rule reports such failures
 */
export async function grantedCheckpoint(runtime: Runtime, container: TestContainer, location: string): Promise<void> {
  const outcome = await runtime.checkpointed(container, location);
  if (!outcome.ok)
    throw new Unsupported(
      `CheckpointContainer failed twice, the second time with ${outcome.code}: ${outcome.message} (runtime/checkpoint/every-dump-succeeds judges it)`,
    );
}

/**
 * Checkpoints containers concurrently, for a rule that says that all succeed. If one checkpoint fails, all are repeated
 * once, because CRIU sometimes fails to dump a running process.
 *
 * @returns the outcomes of the last attempt
 */
export async function checkpointsAtOnce(
  runtime: Runtime,
  pairs: readonly (readonly [TestContainer, location: string])[],
): Promise<readonly CriOutcome<'CheckpointContainer'>[]> {
  const all = () => Promise.all(pairs.map(([container, location]) => checkpointTo(runtime, container, location)));
  const outcomes = await all();
  return outcomes.every(({ ok }) => ok) ? outcomes : await all();
}

/** Starts a container and checkpoints it. */
export async function takeCheckpoint(
  { runtime }: Subject,
  options?: ContainerOptions,
): Promise<{ container: TestContainer; location: string }> {
  const container = await runtime.started(options);
  const location = path.join(await runtime.directory(), 'checkpoint.tar');
  await grantedCheckpoint(runtime, container, location);
  return { container, location };
}

/**
 * Checkpoints to a location that a runtime may refuse. A failure counts as a refusal only if a checkpoint to another
 * location succeeds and the original location fails again.
 *
 * @returns whether the checkpoint succeeded
 */
export async function checkpointUnlessRefused(
  runtime: Runtime,
  container: TestContainer,
  location: string,
): Promise<boolean> {
  if ((await checkpointTo(runtime, container, location)).ok) return true;
  await grantedCheckpoint(runtime, container, path.join(await runtime.directory(), 'elsewhere.tar'));
  return (await checkpointTo(runtime, container, location)).ok;
}

/** Returns a clause that says why a container writes nothing to its log. */
async function whySilent(container: TestContainer): Promise<string> {
  const state = await container.state().catch(() => 'unknown');
  return state === 'CONTAINER_RUNNING'
    ? 'it is frozen, although its status is CONTAINER_RUNNING'
    : `its state is ${state}`;
}

/**
 * Waits until a container has logged more lines. If it logs none in time, the failure has the label `progress`.
 *
 * @param since the event after which the wait begins, such as `after the checkpoint`
 */
export async function expectProgress(
  { until }: Pick<Subject, 'until'>,
  container: TestContainer,
  since = 'after the checkpoint',
  lines = 2,
): Promise<void> {
  const before = await container.progress();
  await until(
    'progress',
    () => container.progress(),
    (now) => now >= before + lines,
    {
      expected: 'a container that keeps running and writing to its log',
      actual: async (now, seconds) =>
        now === before
          ? `${seconds} s ${since} the log of container ${shortId(container)} has not grown: ${await whySilent(container)}`
          : `In the ${seconds} s ${since} the container wrote only ${now - before} of ${counted(lines, 'line')} to its log`,
      about: [`CheckpointContainer {"container_id":"${container.id}"`],
    },
  );
}

/** The length of ids that crictl prints. */
const shortId = ({ id }: TestContainer) => id.slice(0, 13);

/** Waits until a container has logged some lines. If it logs none in time, the failure has the label `ready`. */
export async function untilReady(
  { until }: Pick<Subject, 'until'>,
  container: TestContainer,
  lines = 1,
): Promise<void> {
  await until(
    'ready',
    () => container.progress(),
    (now) => now >= lines,
    {
      expected: `${counted(lines, 'line')} in the log of a running container`,
      actual: async (now, seconds) =>
        `${seconds} s after it was started the container has ${counted(now, 'line')} in its log: ${await whySilent(container)}`,
      about: [container.id],
    },
  );
}

/** Waits until a container has exited. If it does not exit in time, the failure has the label `exit`. */
export async function untilExited({ until }: Pick<Subject, 'until'>, container: TestContainer): Promise<void> {
  await until(
    'exit',
    () => container.state(),
    (state) => state === 'CONTAINER_EXITED',
    {
      expected: 'the state CONTAINER_EXITED',
      actual: (state, seconds) =>
        `The process of the container has ended, and ${seconds} s later its state is ${state}`,
      about: [container.id],
    },
  );
}

/**
 * Expects a complete archive at the location. A failure has the label `archive`.
 *
 * @param since beginning of the sentence that describes a failure, such as `The checkpoint succeeded, but`
 * @param longer another, longer file that was written to the same location, as a noun phrase
 */
export async function expectCompleteArchive(
  location: string,
  since = 'The checkpoint succeeded, but',
  longer?: string,
): Promise<void> {
  const fault = await archiveFault(location);
  const file = `the file ${path.basename(location)}`;
  const what =
    longer !== undefined && fault === IS_FOLLOWED
      ? `in ${file} the archive is followed by the rest of ${longer}`
      : `${file} is not a complete archive: ${fault}`;
  expectThat('archive', fault === undefined, 'a complete tar archive and nothing after it', `${since} ${what}`, [
    location,
  ]);
}
