// What checkpointctl must print of an archive, from the snapshot that the archive was made of.
import { list } from 'tar';
import type { ContainerSnapshot, SnapshotProcess } from '../../fakes/archive/snapshot';
import type { ExpectedArchive, ExpectedProcess } from './judge';

/** Derives the expectation; member sizes, in bytes by name, are the archive's own. Throws where no process is first. */
export function expectedOf(snapshot: ContainerSnapshot, sizes: ReadonlyMap<string, number>): ExpectedArchive {
  const [first] = snapshot.processes;
  if (first === undefined) {
    throw new Error(`The container ${snapshot.containerName} has no process to expect.`);
  }
  const pages = [...sizes].filter(([name]) => /^checkpoint\/pages-\d+\.img$/.test(name));
  return {
    containerName: snapshot.containerName,
    image: snapshot.image,
    containerId: snapshot.containerId,
    engine: 'containerd',
    memoryPagesBytes: pages.reduce((sum, [, size]) => sum + size, 0),
    rootFsDiffBytes: sizes.get('rootfs-diff.tar') ?? 0,
    processTree: treeOf(first, snapshot.processes),
  };
}

/** Sizes in bytes of an archive's members, by name. */
export async function memberSizes(archivePath: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  await list({
    file: archivePath,
    onReadEntry: (entry) => sizes.set(entry.path.replace(/^\.\//, ''), entry.size),
  });
  return sizes;
}

function treeOf(process: SnapshotProcess, all: readonly SnapshotProcess[]): ExpectedProcess {
  return {
    pid: process.pid,
    command: process.name,
    arguments: process.arguments,
    environment: Object.fromEntries(process.environment.map(splitVariable)),
    children: all.filter(({ parentPid }) => parentPid === process.pid).map((child) => treeOf(child, all)),
  };
}

function splitVariable(variable: string): [name: string, value: string] {
  const at = variable.indexOf('=');
  return [variable.slice(0, at), variable.slice(at + 1)];
}
