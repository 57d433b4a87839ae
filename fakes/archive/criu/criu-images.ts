// Makes the directory `checkpoint/`, which CRIU and the OCI runtime write in the same way for all container runtimes.

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

/** Uptime of the simulated node when the container was created, nanoseconds. */
const UPTIME_AT_CREATION = 3_278_000_000_000n;

/** The files that a dump writes. */
export interface Dump {
  /** Names and contents of the files in `checkpoint/`, in the order of a walk through the directory. */
  readonly images: readonly (readonly [name: string, content: ImageContent])[];
  /** The content of `dump.log`. */
  readonly log: string;
  /** The content of `stats-dump`. */
  readonly stats: Buffer;
}

/** Options for making the entries of an archive. */
export interface LayoutOptions {
  /** Seed of random contents: the same snapshot and seed give the same bytes. Default: 0. */
  readonly seed?: number;
}

/** Makes an entry of an archive. */
export function entry(name: string, mode: number, content: ImageContent | string): ArchiveEntry {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.isBuffer(bytes)
    ? { name, mode, size: bytes.length, content: bytes }
    : { name, mode, size: bytes.size, content: bytes.content };
}

/** Compares the bytes of two names, to sort them in the order of a walk through a directory. */
const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) => (a < b ? -1 : 1);

/**
 * Makes the files of a dump.
 *
 * @param platform what the container runtime contributes
 * @returns the files. Any number of memory pages is possible, because pages are generated when they are read
 */
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

/** Returns the host name in the environment of the container's main process, or the name of the pod. */
export function hostnameOf({ processes, podName }: ContainerSnapshot): string {
  const variable = processes[0]?.environment.find((one) => one.startsWith('HOSTNAME='));
  return variable?.slice('HOSTNAME='.length) || podName;
}
