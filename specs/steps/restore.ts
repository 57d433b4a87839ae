// Steps that specs about restore share: a container that counts, its archive, and the restored container.
import fs from 'node:fs/promises';
import path from 'node:path';
import { readRegular } from '../archive-file/regular-file';
import { counted, expectOk, expectThat } from '../subject/expect';
import type { Attempt, ContainerOptions, LogLine, Runtime, Subject, TestContainer } from '../subject/subject';
import { grantedCheckpoint, untilReady } from './checkpoint';

/** A command that counts and writes each number to the container's log and to a file that it keeps open. */
export const COUNTING_COMMAND = [
  '/bin/sh',
  '-c',
  'exec 9>/tmp/count; i=0; while true; do echo $i; echo $i >&9; i=$((i+1)); sleep 0.05; done',
];
export const COUNT_FILE = '/tmp/count';

/** The calls that checkpoint and restore a container. */
export const RESTORE_CALLS = ['CheckpointContainer ', 'CreateContainer ', 'StartContainer '];
/** Number of new log lines that prove that a container has continued. */
const SOME_LINES = 4;

/** Runs a container until it has logged some lines, and checkpoints it. */
export async function checkpointedCounter(
  { runtime, until }: Subject,
  options: ContainerOptions = { command: COUNTING_COMMAND },
) {
  const container = await runtime.started(options);
  await untilReady({ until }, container, 3);
  const before = await container.log();
  const location = path.join(await runtime.directory(), 'checkpoint.tar');
  await grantedCheckpoint(runtime, container, location);
  return { container, before, location };
}

/** Stops and removes the checkpointed container. Returns its log until then. */
export async function stopAndRemove(runtime: Runtime, container: TestContainer): Promise<readonly LogLine[]> {
  await runtime.call('StopContainer', { container_id: container.id });
  const log = await container.log();
  await runtime.call('RemoveContainer', { container_id: container.id });
  return log;
}

/** Expects that CreateContainer succeeded and returns the container. A failure has the label `ok`. */
export function expectCreated({ outcome, container }: Attempt): TestContainer {
  expectOk('CreateContainer', outcome, 'Creating a container from the archive');
  expectThat(
    'ok',
    container !== undefined,
    'the id of a container',
    'CreateContainer succeeded without the id of a container',
  );
  return container;
}

/** Creates a container from an archive and starts it. If either step fails, the failure has the label `ok`. */
export async function startRestored(
  runtime: Runtime,
  archive: string,
  options: ContainerOptions = {},
): Promise<TestContainer> {
  const container = expectCreated(await runtime.tried({ ...options, image: archive }));
  const started = await runtime.call('StartContainer', { container_id: container.id });
  expectOk('StartContainer', started, 'Starting the container that was restored from the archive');
  return container;
}

/**
 * Returns the time at which the runtime created a container, milliseconds since the epoch, by the same clock as the
 * times in its log.
 */
export async function createdAtMs(runtime: Runtime, { id: container_id }: TestContainer): Promise<number> {
  const outcome = await runtime.call('ContainerStatus', { container_id });
  expectOk('ContainerStatus', outcome);
  return Number(BigInt(outcome.response.status?.created_at ?? '0') / 1_000_000n);
}

/**
 * Waits until a restored container has logged new lines, and returns these lines without the lines copied from the
 * archive. If there are none in time, the failure has the label `progress`.
 */
export async function linesSinceRestore(
  { until }: Pick<Subject, 'until'>,
  runtime: Runtime,
  container: TestContainer,
): Promise<readonly string[]> {
  const since = await createdAtMs(runtime, container);
  const newLines = async () => (await container.log()).filter(({ atMs }) => atMs >= since).map(({ text }) => text);
  return until('progress', newLines, (lines) => lines.length >= SOME_LINES, {
    expected: 'a restored container that continues to write to its log',
    actual: async (lines, seconds) =>
      `${seconds} s after the restore the restored container has written ${counted(lines.length, 'line')} of its own to its log; its state is ${await container.state()}`,
    about: RESTORE_CALLS,
  });
}

/**
 * Runs a command in a container and returns its output and exit code. If the call fails, the failure has the label
 * `ok`.
 */
export async function execOutput(runtime: Runtime, { id: container_id }: TestContainer, ...cmd: string[]) {
  const outcome = await runtime.call('ExecSync', { container_id, cmd, timeout: 10 });
  expectOk('ExecSync', outcome, `Running "${cmd.join(' ')}" in the restored container`);
  return { text: Buffer.from(outcome.response.stdout).toString(), exitCode: outcome.response.exit_code };
}

/**
 * Expects that lines contain consecutive numbers. A failure has the label `count`.
 *
 * @param what the source of the lines, as the subject of a sentence
 */
export function expectConsecutive(lines: readonly string[], what: string): void {
  const broken = lines.findIndex((line, i) => i > 0 && Number(line) !== Number(lines[i - 1]) + 1);
  const around = lines.slice(Math.max(0, broken - 3), broken + 3).join(', ');
  const actual = `${what} has a gap or a repetition, so the restored container did not continue at the checkpoint: ... ${around} ...`;
  expectThat('count', broken < 0, 'consecutive numbers', actual, RESTORE_CALLS);
}

/**
 * Copies a tar without some members.
 *
 * @param isRemoved returns whether to leave out the member with this name
 * @param copy path of the copy
 */
export async function copyTarWithout(
  archive: { readonly path: string; readonly members: readonly { name: string; end: number }[] },
  isRemoved: (name: string) => boolean,
  copy: string,
): Promise<void> {
  const bytes = await readRegular(archive.path);
  const kept: Buffer[] = [];
  let start = 0;
  for (const { name, end } of archive.members) {
    if (!isRemoved(name)) kept.push(bytes.subarray(start, end));
    start = end;
  }
  await fs.writeFile(copy, Buffer.concat([...kept, bytes.subarray(start)]), { mode: 0o600 });
}
