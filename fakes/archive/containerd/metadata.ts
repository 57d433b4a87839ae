// Makes containerd's own metadata of a container: config.dump, status.dump and status.
import { type GoValue, goJson, goMap } from '../../go/json';
import { rfc3339Nano, ZERO_TIME } from '../../go/time';
import { hostPid } from '../criu/host-process';
import { criResources } from '../resources';
import { securityOf } from '../security';
import type { ContainerSnapshot } from '../snapshot';

/** The number of the state CONTAINER_RUNNING in CRI. */
const RUNNING = 1;

/** The values in `config.dump` that differ between runtimes. Empty texts are omitted. */
export interface ConfigTexts {
  readonly name: string;
  readonly rootfsImage: string;
  readonly rootfsImageRef: string;
  /** Whether the container was itself restored from a checkpoint. containerd always writes false. */
  readonly restored: boolean;
}

/** Returns the value of `config.dump`, in the form that checkpointctl defines. */
export function configValue(snapshot: ContainerSnapshot, texts: ConfigTexts): GoValue {
  return {
    id: snapshot.containerId,
    name: texts.name,
    rootfsImage: texts.rootfsImage || undefined,
    rootfsImageRef: texts.rootfsImageRef || undefined,
    rootfsImageName: snapshot.image || undefined,
    runtime: snapshot.ociRuntime || undefined,
    createdTime: rfc3339Nano(snapshot.createdAt),
    checkpointedTime: rfc3339Nano(snapshot.checkpointedAt),
    restoredTime: ZERO_TIME,
    restored: texts.restored,
  };
}

/** Returns containerd's `config.dump`. */
export function configDump(snapshot: ContainerSnapshot): string {
  const { containerName, podName, podNamespace, podUid, attempt, image, imageRef } = snapshot;
  const name = [containerName, podName, podNamespace, podUid, attempt].join('_');
  return goJson(configValue(snapshot, { name, rootfsImage: image, rootfsImageRef: imageRef, restored: false }));
}

/** Returns `status.dump`: the CRI message `ContainerStatus` as Go writes it in JSON, without zero values. */
export function statusDump(snapshot: ContainerSnapshot): string {
  const { uid, gid, groups } = securityOf(snapshot);
  const mounts = snapshot.mounts.map(({ containerPath, hostPath, readonly }) => ({
    container_path: containerPath,
    host_path: hostPath,
    readonly: readonly || undefined,
  }));
  return goJson({
    id: snapshot.containerId,
    metadata: { name: snapshot.containerName, attempt: snapshot.attempt || undefined },
    state: RUNNING,
    created_at: BigInt(snapshot.createdAt),
    started_at: BigInt(snapshot.startedAt),
    image: { image: snapshot.image },
    image_ref: snapshot.imageRef,
    labels: goMap(snapshot.labels),
    annotations: goMap(snapshot.annotations),
    mounts: mounts.length > 0 ? mounts : undefined,
    log_path: snapshot.logPath || undefined,
    resources: criResources(snapshot),
    user: { linux: { uid: uid || undefined, gid: gid || undefined, supplemental_groups: groups } },
  });
}

/** Returns `status`: the state of the container in containerd's own format. */
export function containerdStatus(snapshot: ContainerSnapshot): string {
  return goJson({
    Version: 'v1',
    Pid: hostPid(snapshot, snapshot.processes[0]?.pid ?? 1),
    CreatedAt: BigInt(snapshot.createdAt),
    StartedAt: BigInt(snapshot.startedAt),
    FinishedAt: 0,
    ExitCode: 0,
    Reason: '',
    Message: '',
    Resources: criResources(snapshot),
    Restore: false,
  });
}
