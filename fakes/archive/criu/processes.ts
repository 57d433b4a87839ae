// Makes the images of processes: the process tree, registers, memory and open files.

import { seedOf } from '../../base/random';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import type { AddressSpace } from './address-space';
import { core, credentials, threadCore } from './core';
import { image } from './criu-image';
import type { FileTable } from './files';
import { mm, pagemap, pagesContent } from './memory';
import { ids, ownId } from './namespaces';
import type { Platform } from './platform';

/** Makes `pstree.img`: all processes with their threads, in the process group and the session of the first process. */
export function pstree(snapshot: ContainerSnapshot): Buffer {
  const leader = snapshot.processes[0]?.pid ?? 1;
  return image(
    'pstree',
    snapshot.processes.map(({ pid, parentPid, threads = [] }) => ({
      pid,
      ppid: parentPid,
      pgid: leader,
      sid: leader,
      threads: [pid, ...threads],
    })),
  );
}

/** The content of an image file: its bytes, or its size with a content that is generated later. */
export type ImageContent = Buffer | Required<Pick<ArchiveEntry, 'size' | 'content'>>;

/**
 * Makes the images that exist for each process.
 * @param spaces the address spaces of the processes, in their order
 * @param seed seed of the random contents
 * @returns names and contents of the images
 */
export function processImages(
  snapshot: ContainerSnapshot,
  spaces: readonly AddressSpace[],
  files: FileTable,
  platform: Platform,
  seed: number,
): (readonly [name: string, content: ImageContent])[] {
  const oomScoreAdj = snapshot.resources.oomScoreAdj ?? platform.oomScoreAdj;
  const ownCredentials = credentials(snapshot, platform);
  return snapshot.processes.flatMap((process, i) => {
    const space = spaces[i];
    const open = files.processes[i];
    if (!space || !open) return [];
    const isWaiting = snapshot.processes.some((other) => other.parentPid === process.pid);
    const pagesId = i + 1;
    return [
      [`core-${process.pid}.img`, core(process, space, { isWaiting, oomScoreAdj, credentials: ownCredentials })],
      ...(process.threads ?? []).map(
        (id, k) => [`core-${id}.img`, threadCore(process, space, k + 1, ownCredentials)] as const,
      ),
      [`fdinfo-${ownId(i)}.img`, open.descriptors],
      [`fs-${process.pid}.img`, open.fileSystem],
      [`ids-${process.pid}.img`, ids(i, platform)],
      [`mm-${process.pid}.img`, mm(space)],
      [`pagemap-${process.pid}.img`, pagemap(space, pagesId)],
      [`pages-${pagesId}.img`, pagesContent(space, seed, seedOf(snapshot.containerId, process.pid))],
    ] as const;
  });
}
