// Steps that specs of the runtime share: a container of their own, a location of their own, one checkpoint.
import path from 'node:path';
import { expectOk } from '../expect';
import type { ContainerWish, CriOutcome, OwnContainer, Runtime, Subject } from '../subject';

/** Longest that a spec waits for one checkpoint, seconds: the kubelet's own default. */
export const PATIENCE_SECONDS = 120;

/** One CheckpointContainer call; `timeout` stays 0, the CRI default. */
export function checkpointTo(
  runtime: Runtime,
  container: { readonly id: string },
  location: string,
): Promise<CriOutcome<'CheckpointContainer'>> {
  const request = { container_id: container.id, location };
  return runtime.call('CheckpointContainer', request, { deadlineSeconds: PATIENCE_SECONDS });
}

/** A running container and the archive of its one checkpoint, which must succeed (label `ok`). */
export async function checkpointed(
  { runtime }: Subject,
  wish?: ContainerWish,
): Promise<{ container: OwnContainer; location: string }> {
  const container = await runtime.started(wish);
  const location = path.join(await runtime.folder(), 'checkpoint.tar');
  expectOk('CheckpointContainer', await checkpointTo(runtime, container, location));
  return { container, location };
}
