// Makes CRI-O's metadata of a container: names, config.dump and bind.mounts.
import fs from 'node:fs';
import { goJsonIndented } from '../../go/json';
import { isFileTarget, terminationLog } from '../binds';
import { configValue } from '../containerd/metadata';
import type { ContainerSnapshot } from '../snapshot';
import { CRIO } from './crio-platform';

/** Destinations that every container has. They are not in bind.mounts. */
const OF_EVERY_CONTAINER = new Set(['/dev', '/dev/shm', '/proc', '/run', '/run/.containerenv', '/run/secrets', '/sys']);
/** Modes of bind sources that do not exist on the host. */
const MODE = { directory: 0o755, file: 0o644, terminationLog: 0o666 } as const;

/** Returns the name of a container in CRI-O's store. */
export function containerStoreName(snapshot: ContainerSnapshot): string {
  const { containerName, podName, podNamespace, podUid, attempt } = snapshot;
  return ['k8s', containerName, podName, podNamespace, podUid, attempt].join('_');
}

/** Returns the id of an image in CRI-O's store: the digest without its algorithm. */
export function storageImageId({ imageId }: ContainerSnapshot): string {
  return imageId.replace(/^sha256:/, '');
}

/**
 * Returns CRI-O's `config.dump`. In this file, `rootfsImage` and `rootfsImageRef` are the image's id, because kubelets
 * create containers with image ids.
 */
export function crioConfigDump(snapshot: ContainerSnapshot): string {
  const id = storageImageId(snapshot);
  const { restored = false } = snapshot;
  return goJsonIndented(
    configValue(snapshot, { name: containerStoreName(snapshot), rootfsImage: id, rootfsImageRef: id, restored }),
  );
}

function typeAndMode(snapshot: ContainerSnapshot, source: string, destination: string): [string, number] {
  const stats = fs.statSync(source, { throwIfNoEntry: false });
  if (stats) return [stats.isDirectory() ? 'directory' : 'file', stats.mode & 0o777];
  if (!isFileTarget(snapshot, destination)) return ['directory', MODE.directory];
  return ['file', destination === terminationLog(snapshot) ? MODE.terminationLog : MODE.file];
}

/** Returns `bind.mounts`; undefined if there are no binds to list. */
export function bindMounts(snapshot: ContainerSnapshot): string | undefined {
  const rows = CRIO.binds(snapshot)
    .filter(({ destination }) => !OF_EVERY_CONTAINER.has(destination))
    .map(({ source, destination }) => {
      const [type, mode] = typeAndMode(snapshot, source, destination);
      return { source, destination, file_type: type, permissions: mode };
    });
  return rows.length === 0 ? undefined : goJsonIndented(rows);
}
