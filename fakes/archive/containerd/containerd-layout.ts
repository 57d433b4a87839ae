// Makes the entries of a checkpoint archive of containerd 2.1 with runc and CRIU.

import { containerLog } from '../container-log';
import { dump, entry, type LayoutOptions } from '../criu/criu-images';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { CONTAINERD } from './containerd-platform';
import { configDump, containerdStatus, statusDump } from './metadata';
import { rootfsDiff } from './rootfs-diff';
import { specDump } from './spec-dump';

const IMAGES = 'checkpoint/';
/** Modes of files and directories. `usual` is the mode of files that are created with the usual umask of 022. */
const MODE = { directory: 0o700, private: 0o600, usual: 0o644 } as const;

/**
 * Makes the entries of a checkpoint archive.
 *
 * @returns the entries in the order of the archive, which is that of a walk through the directory
 */
export function containerdEntries(snapshot: ContainerSnapshot, options: LayoutOptions = {}): ArchiveEntry[] {
  const { images, log, stats } = dump(snapshot, CONTAINERD, options);
  const containerLogEntry = containerLog(snapshot.logPath);
  return [
    { name: IMAGES, mode: MODE.directory, size: 0 },
    ...images.map(([name, content]) => entry(IMAGES + name, MODE.usual, content)),
    entry('config.dump', MODE.private, configDump(snapshot)),
    ...(containerLogEntry ? [entry('container.log', MODE.private, containerLogEntry)] : []),
    entry('dump.log', MODE.private, log),
    entry('rootfs-diff.tar', MODE.usual, rootfsDiff(snapshot)),
    entry('spec.dump', MODE.usual, specDump(snapshot)),
    entry('stats-dump', MODE.usual, stats),
    entry('status', MODE.private, containerdStatus(snapshot)),
    entry('status.dump', MODE.private, statusDump(snapshot)),
  ];
}
