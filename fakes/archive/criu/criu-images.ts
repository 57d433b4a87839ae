// The folder `checkpoint/`: what CRIU and the OCI runtime make of a container, the same for every runtime above them.

import { seedOf } from '../../base/random';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { addressSpace } from './address-space';
import { cgroup } from './cgroup';
import { dumpLog } from './dump-log';
import { fileTable } from './files';
import { mountTable } from './mounts';
import { inventory, mountNamespace, namespaceImages, seccomp } from './namespaces';
import type { Platform } from './platform';
import { type ImageContent, processImages, pstree } from './processes';
import { dumpTimes, statsDump } from './stats';
import { tmpfsImages } from './tmpfs';

/** Nanoseconds for which the machine is taken to have been up when the container was created. */
const UPTIME_AT_CREATION = 3_278_000_000_000n;

/** What a dump leaves. */
export interface Dump {
  /** Names and contents of the files in `checkpoint/`, in the order of a walk through the folder. */
  readonly images: readonly (readonly [name: string, content: ImageContent])[];
  readonly log: string;
  readonly stats: Buffer;
}

export interface LayoutOptions {
  /** What made-up contents follow from: the same snapshot and seed give the same bytes. Default 0. */
  readonly seed?: number;
}

/** An entry of an archive. */
export function entry(name: string, mode: number, content: ImageContent | string): ArchiveEntry {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.isBuffer(bytes)
    ? { name, mode, size: bytes.length, content: bytes }
    : { name, mode, size: bytes.size, content: bytes.content };
}

/** Names sort by bytes, as a walk through the folder meets them. */
const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) => (a < b ? -1 : 1);

/** Page contents are made while they are read, so any size of memory costs the same. */
export function dump(snapshot: ContainerSnapshot, platform: Platform, { seed = 0 }: LayoutOptions): Dump {
  const own = seedOf(seed, snapshot.containerId);
  const cgroupPath = platform.cgroupPath(snapshot);
  const mounts = mountTable(snapshot, cgroupPath, platform);
  const files = fileTable(snapshot, mounts, platform.rootMode);
  const spaces = snapshot.processes.map((process) => addressSpace(process, own));
  const uptime = UPTIME_AT_CREATION + BigInt(snapshot.checkpointedAt) - BigInt(snapshot.createdAt);
  const images: (readonly [name: string, content: ImageContent])[] = [
    ['cgroup.img', cgroup(cgroupPath, snapshot.resources)],
    ['descriptors.json', Buffer.from(JSON.stringify(files.standardStreams))],
    ['files.img', files.image],
    ['inventory.img', inventory(own)],
    [`mountpoints-${mountNamespace(platform)}.img`, mounts.image],
    ['pstree.img', pstree(snapshot)],
    ['seccomp.img', seccomp()],
    ...namespaceImages(platform, uptime, hostnameOf(snapshot)),
    ...tmpfsImages(snapshot, platform),
    ...processImages(snapshot, spaces, files, platform, seed),
  ];
  return {
    images: images.sort(byName),
    log: dumpLog(snapshot, spaces, mounts, cgroupPath, platform),
    stats: statsDump(spaces, dumpTimes(spaces, own)),
  };
}

/** The host name that the container's processes have in their environment, else the pod's name. */
export function hostnameOf({ processes, podName }: ContainerSnapshot): string {
  const variable = processes[0]?.environment.find((one) => one.startsWith('HOSTNAME='));
  return variable?.slice('HOSTNAME='.length) || podName;
}
