// The entries of a checkpoint as CRI-O 1.37 with runc and CRIU makes it.

import { containerLog } from '../container-log';
import { dump, entry, type LayoutOptions } from '../criu/criu-images';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { bindMounts, crioConfigDump } from './crio-metadata';
import { CRIO } from './crio-platform';
import { crioRootfsDiff, deletedFiles } from './crio-rootfs';
import { crioSpecDump } from './crio-spec-dump';

const IMAGES = 'checkpoint/';
/** A file of runc's own among the images, closed to others. */
const DESCRIPTORS = 'descriptors.json';
/** Modes: CRI-O makes even the folder without a right to enter it. */
const MODE = { private: 0o600, usual: 0o644 } as const;

const optional = (name: string, content: string | undefined): ArchiveEntry[] =>
  content === undefined ? [] : [entry(name, MODE.private, content)];

/** The recorded CRI-O did not apply the score that a kubelet asks for: it is neither in the configuration nor in force. */
function withoutScore(snapshot: ContainerSnapshot): ContainerSnapshot {
  const { oomScoreAdj: _, ...resources } = snapshot.resources;
  return { ...snapshot, resources };
}

/** All entries of a container's checkpoint, in the order in which they are written: that of CRI-O's own list. */
export function crioEntries(asked: ContainerSnapshot, options: LayoutOptions = {}): ArchiveEntry[] {
  const snapshot = withoutScore(asked);
  const { images, log, stats } = dump(snapshot, CRIO, options);
  const containerLogContent = containerLog(snapshot.logPath);
  return [
    entry('stats-dump', MODE.usual, stats),
    entry('dump.log', MODE.private, log),
    { name: IMAGES, mode: MODE.private, size: 0 },
    ...images.map(([name, content]) => entry(IMAGES + name, name === DESCRIPTORS ? MODE.private : MODE.usual, content)),
    entry('config.dump', MODE.private, crioConfigDump(snapshot)),
    entry('spec.dump', MODE.private, crioSpecDump(snapshot)),
    ...optional('bind.mounts', bindMounts(snapshot)),
    entry('rootfs-diff.tar', MODE.usual, crioRootfsDiff(snapshot)),
    ...optional('deleted.files', deletedFiles(snapshot)),
    // The name is an annotation's, used for the file by accident; restore looks for it under no other.
    ...(containerLogContent ? [entry('io.kubernetes.cri-o.LogPath', MODE.usual, containerLogContent)] : []),
  ];
}
