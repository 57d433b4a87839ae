// Checkpoints a container on the fake runtime over CRI, and keeps the snapshot from which the archive was made.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { containerdEntries } from '../../../fakes/archive/containerd/containerd-layout';
import { crioEntries } from '../../../fakes/archive/crio/crio-layout';
import type { ContainerSnapshot } from '../../../fakes/archive/snapshot';
import { type RuntimeServer, startRuntimeServer } from '../../../fakes/runtime/server';
import type { CriRequestInit, CriUnaryMethod } from '../../../proto/load';
import { CriClient } from '../../clients/cri-client';
import type { FakeWorkload } from './fake-workloads';

const DEADLINE_SECONDS = 60;
const POLL_MS = 5;
const IMAGE = 'docker.io/library/busybox:latest';

/** The layouts, by the name that checkpointctl prints for the runtime. */
export const LAYOUTS = { containerd: containerdEntries, 'CRI-O': crioEntries } as const;
export type LayoutName = keyof typeof LAYOUTS;

export interface FakeArchive {
  readonly path: string;
  readonly snapshot: ContainerSnapshot;
}

/**
 * Checkpoints a workload.
 *
 * @param directory directory for the archive
 * @throws Error with the message of the fake runtime if the runtime refuses the checkpoint
 */
export async function writeFakeArchive(
  directory: string,
  workload: FakeWorkload,
  layout: LayoutName,
): Promise<FakeArchive> {
  let snapshot: ContainerSnapshot | undefined;
  await using runtime = await startRuntimeServer({
    archive: [
      (job, next) => {
        snapshot = workload.enrich(job.snapshot);
        return next({ ...job, snapshot, entries: LAYOUTS[layout](snapshot) });
      },
    ],
  });
  const client = new CriClient(runtime.endpoint);
  try {
    const location = path.join(directory, `checkpoint-${workload.name}-${layout}.tar`);
    const container = await startContainer(client, workload);
    await progress(runtime, container);
    await must(client, 'CheckpointContainer', { container_id: container, location });
    if (snapshot === undefined) throw new Error(`The fake runtime wrote no archive of ${workload.name}.`);
    return { path: location, snapshot };
  } finally {
    client.close();
  }
}

async function startContainer(client: CriClient, workload: FakeWorkload): Promise<string> {
  const uid = randomUUID();
  const config = { metadata: { name: workload.name, namespace: 'ckptest', uid, attempt: 0 } };
  const { pod_sandbox_id } = await must(client, 'RunPodSandbox', { config });
  const { container_id } = await must(client, 'CreateContainer', {
    pod_sandbox_id,
    sandbox_config: config,
    config: {
      metadata: { name: `${workload.name}-container`, attempt: 0 },
      image: { image: IMAGE, user_specified_image: IMAGE },
      command: [...workload.command],
      args: [...workload.arguments],
      envs: Object.entries(workload.environment).map(([key, value]) => ({ key, value: Buffer.from(value) })),
    },
  });
  await must(client, 'StartContainer', { container_id });
  return container_id;
}

/** Waits until the script of the workload reports that it is ready. */
async function progress(runtime: RuntimeServer, id: string): Promise<void> {
  const isReady = () => {
    const variables = runtime.control.state().containers.find((one) => one.id === id)?.variables ?? {};
    return 'ready' in variables;
  };
  while (!isReady()) await setTimeout(POLL_MS);
}

async function must<M extends CriUnaryMethod>(client: CriClient, method: M, request: CriRequestInit<M>) {
  const outcome = await client.call(method, request, DEADLINE_SECONDS);
  if (!outcome.ok) throw new Error(`${method} of the fake runtime failed: ${outcome.code}: ${outcome.message}`);
  return outcome.response;
}
