// Derives what checkpointctl must print about an archive from the snapshot of the container.
import { list } from 'tar';
import type { ContainerSnapshot, SnapshotProcess } from '../../../fakes/archive/snapshot';
import type { LayoutName } from './fake-archive';
import type { ExpectedArchive, ExpectedProcess } from './judge';

/** Length to which the kernel truncates the name of a process, bytes. */
const MAX_NAME = 15;

/**
 * Derives the expectation of an archive from its snapshot.
 *
 * @param sizes sizes of the members of the archive, bytes, by name
 * @throws Error if the snapshot has no first process
 */
export function expectedOf(
  snapshot: ContainerSnapshot,
  sizes: ReadonlyMap<string, number>,
  engine: LayoutName,
): ExpectedArchive {
  const [first] = snapshot.processes;
  if (first === undefined) {
    throw new Error(`The container ${snapshot.containerName} has no process.`);
  }
  const pageImages = [...sizes].filter(([name]) => /^checkpoint\/pages-\d+\.img$/.test(name));
  const sizeOf = (index: number) => sizes.get(`checkpoint/pages-${index + 1}.img`) ?? 0;
  const memory = new Map(snapshot.processes.map(({ pid }, index) => [pid, sizeOf(index)]));
  return {
    containerName: snapshot.containerName,
    image: snapshot.image,
    containerId: snapshot.containerId,
    podName: snapshot.podName,
    podNamespace: snapshot.podNamespace,
    mountPoints: snapshot.mounts.map(({ containerPath }) => containerPath),
    images: [...sizes.keys()].filter((name) => /\.img$|^stats-dump$/.test(name)),
    engine,
    memoryPagesBytes: pageImages.reduce((sum, [, size]) => sum + size, 0),
    rootFsDiffBytes: sizes.get('rootfs-diff.tar') ?? 0,
    processTree: treeOf(first, snapshot.processes, memory),
  };
}

/** Returns the sizes of an archive's members, bytes, by name. */
export async function memberSizes(archivePath: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  await list({
    file: archivePath,
    onReadEntry: (entry) => sizes.set(entry.path.replace(/^\.\//, ''), entry.size),
  });
  return sizes;
}

function treeOf(
  process: SnapshotProcess,
  all: readonly SnapshotProcess[],
  memory: ReadonlyMap<number, number>,
): ExpectedProcess {
  return {
    pid: process.pid,
    command: Buffer.from(process.name).subarray(0, MAX_NAME).toString(),
    arguments: process.arguments,
    environment: Object.fromEntries(process.environment.map(splitVariable)),
    threads: [process.pid, ...(process.threads ?? [])],
    memoryBytes: memory.get(process.pid) ?? 0,
    strings: process.plantedStrings,
    openFiles: process.openFiles,
    listening: process.listening ?? [],
    unixSockets: (process.unixSockets ?? []).map(({ fd, path, backlog }) => ({
      fd,
      path,
      listens: backlog !== undefined,
    })),
    children: all.filter(({ parentPid }) => parentPid === process.pid).map((child) => treeOf(child, all, memory)),
  };
}

function splitVariable(variable: string): [name: string, value: string] {
  const at = variable.indexOf('=');
  return [variable.slice(0, at), variable.slice(at + 1)];
}
