// Makes the entries of a checkpoint archive of CRI-O 1.37 with runc and CRIU.

import { containerLog } from '../container-log';
import { dump, entry, type LayoutOptions } from '../criu/criu-images';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { bindMounts, crioConfigDump } from './crio-metadata';
import { CRIO } from './crio-platform';
import { crioRootfsDiff, deletedFiles } from './crio-rootfs';
import { crioSpecDump } from './crio-spec-dump';

const IMAGES = 'checkpoint/';
/** A file that runc writes beside the images. Only its owner may read it. */
const DESCRIPTORS = 'descriptors.json';
/** Modes of files and directories. CRI-O gives even the directory the mode 0600, with which only root can enter it. */
const MODE = { private: 0o600, usual: 0o644 } as const;

const optional = (name: string, content: string | undefined): ArchiveEntry[] =>
  content === undefined ? [] : [entry(name, MODE.private, content)];

/**
 * Removes the OOM score adjustment. The recorded CRI-O neither wrote nor applied the adjustment in the kubelet's
 * request.
 */
function withoutScore(snapshot: ContainerSnapshot): ContainerSnapshot {
  const { oomScoreAdj: _, ...resources } = snapshot.resources;
  return { ...snapshot, resources };
}

/**
 * Makes the entries of a checkpoint archive.
 *
 * @returns the entries in the order of the archive, which is the order of a list in CRI-O
 */
export function crioEntries(container: ContainerSnapshot, options: LayoutOptions = {}): ArchiveEntry[] {
  const snapshot = withoutScore(container);
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
    // CRI-O uses the name of the annotation as the name of the file, both in the checkpoint and in a restore.
    ...(containerLogContent ? [entry('io.kubernetes.cri-o.LogPath', MODE.usual, containerLogContent)] : []),
  ];
}
