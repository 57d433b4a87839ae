// Steps that specs of the runtime share: a container of their own, a location of their own, one checkpoint.
import path from 'node:path';
import { archiveFault } from '../archive-file/reader';
import { expectOk, expectThat } from '../subject/expect';
import type { ContainerOptions, CriOutcome, Runtime, Subject, TestContainer } from '../subject/subject';

/** Longest that a spec waits for one checkpoint, seconds: the kubelet's own default. */
export const CHECKPOINT_DEADLINE_SECONDS = 120;

/** One CheckpointContainer call; `timeout` stays 0, the CRI default. */
export function checkpointTo(
  runtime: Runtime,
  container: { readonly id: string },
  location: string,
): Promise<CriOutcome<'CheckpointContainer'>> {
  const request = { container_id: container.id, location };
  return runtime.call('CheckpointContainer', request, { deadlineSeconds: CHECKPOINT_DEADLINE_SECONDS });
}

/** A running container and the archive of its one checkpoint, which must succeed (label `ok`). */
export async function takeCheckpoint(
  { runtime }: Subject,
  options?: ContainerOptions,
): Promise<{ container: TestContainer; location: string }> {
  const container = await runtime.started(options);
  const location = path.join(await runtime.directory(), 'checkpoint.tar');
  expectOk('CheckpointContainer', await checkpointTo(runtime, container, location));
  return { container, location };
}

/**
 * A checkpoint to a location that a runtime may refuse, and not for another reason: one that failed counts as refused
 * only when another location does (label `ok`), and this one fails again.
 */
export async function checkpointUnlessRefused(
  runtime: Runtime,
  container: TestContainer,
  location: string,
): Promise<boolean> {
  if ((await checkpointTo(runtime, container, location)).ok) return true;
  const elsewhere = path.join(await runtime.directory(), 'elsewhere.tar');
  expectOk('CheckpointContainer', await checkpointTo(runtime, container, elsewhere));
  return (await checkpointTo(runtime, container, location)).ok;
}

/** Waits until a container has written more into its log; label `progress` where it does not. */
export async function expectProgress({ until }: Subject, container: TestContainer, lines = 2): Promise<void> {
  const before = await container.progress();
  await until(
    'progress',
    () => container.progress(),
    (now) => now >= before + lines,
  );
}

/** Label `archive`: a whole archive and nothing else is at the location. */
export async function expectCompleteArchive(location: string): Promise<void> {
  const fault = await archiveFault(location);
  expectThat('archive', fault === undefined, `a whole archive at ${location}`, fault);
}
