// Collects the state of a container from which its archive is made.
import type { ContainerSnapshot, SnapshotProcess, SnapshotSecurity } from '../../archive/snapshot';
import { imageName, imageRef } from '../api/views';
import { encodeState } from '../process/simulation';
import { cgroupPath } from '../state/environment';
import { snapshotResources } from '../state/resources';
import type { RuntimeSettings } from '../state/settings';
import type { Container } from '../state/store';
import { userOf } from '../state/user';

/** Returns the short name of a process, which the kernel truncates to 15 bytes. */
const shortName = (program: string) =>
  Buffer.from(program.slice(program.lastIndexOf('/') + 1))
    .subarray(0, 15)
    .toString();

function processes({ workload, machine }: Container): SnapshotProcess[] {
  const { environment } = machine;
  return (workload?.processes ?? []).map(({ state, ...process }) => ({
    ...process,
    name: shortName(process.arguments[0] ?? ''),
    environment,
    ...(state && { state: encodeState(state) }),
  }));
}

function security(container: Container): SnapshotSecurity {
  const context = container.config.linux?.security_context;
  const { uid, gid, groups } = userOf(container);
  return {
    uid: Number(uid),
    gid: Number(gid),
    groups: groups.map(Number),
    privileged: context?.privileged ?? false,
    addedCapabilities: context?.capabilities?.add_capabilities ?? [],
    droppedCapabilities: context?.capabilities?.drop_capabilities ?? [],
    noNewPrivileges: context?.no_new_privs ?? false,
    readonlyRoot: context?.readonly_rootfs ?? false,
    maskedPaths: context?.masked_paths ?? [],
    readonlyPaths: context?.readonly_paths ?? [],
  };
}

/**
 * Returns the current state of a container.
 * @param now current time, nanoseconds since the epoch, as digits
 */
export function takeSnapshot(container: Container, settings: RuntimeSettings, now: string): ContainerSnapshot {
  const { config, image, sandbox } = container;
  return {
    containerId: container.id,
    containerName: config.metadata?.name ?? '',
    attempt: config.metadata?.attempt ?? 0,
    sandboxId: sandbox.id,
    podName: sandbox.config.metadata?.name ?? '',
    podNamespace: sandbox.config.metadata?.namespace ?? '',
    podUid: sandbox.config.metadata?.uid ?? '',
    podAttempt: sandbox.config.metadata?.attempt ?? 0,
    podAnnotations: { ...sandbox.config.annotations },
    image: imageName(container),
    imageRef: imageRef(image),
    imageId: image.id,
    ociRuntime: settings.ociRuntime,
    cgroupPath: cgroupPath(container, settings),
    createdAt: container.createdAt,
    startedAt: container.startedAt,
    checkpointedAt: now,
    ...(container.restored && { restored: true }),
    labels: { ...config.labels },
    annotations: { ...config.annotations },
    mounts: config.mounts.map(({ container_path, host_path, readonly }) => ({
      containerPath: container_path,
      hostPath: host_path,
      readonly,
    })),
    workingDirectory: container.machine.workingDirectory,
    logPath: container.logPath,
    resources: snapshotResources(container.resources),
    security: security(container),
    processes: processes(container),
    changedFiles: [
      ...[...container.machine.files].map(([path, text]) => ({ path, content: Buffer.from(text) })),
      ...[...container.machine.deleted].map((path) => ({ path })),
    ],
    madeDirectories: [...container.machine.directories],
  };
}
