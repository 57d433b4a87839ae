// The entries of a checkpoint as containerd 2.1 with runc and CRIU makes it.
import type { ArchiveEntry } from '../wires';
import { addressSpace } from './address-space';
import { cgroup } from './cgroup';
import { containerLog } from './container-log';
import { dumpLog } from './dump-log';
import { EXECUTABLE_ID, fileTable } from './files';
import { secondsOf } from './go-time';
import { cgroupPathOf } from './host-process';
import { configDump, status, statusDump } from './metadata';
import { mountTable } from './mounts';
import { clocks, inventory, ipcVariables, NAMESPACE, seccomp } from './namespaces';
import { type ImageContent, processImages, pstree } from './processes';
import { seedOf } from './random';
import { rootfsDiff } from './rootfs-diff';
import type { ContainerSnapshot } from './snapshot';
import { specDump } from './spec-dump';
import { dumpTimes, statsDump } from './stats';
import { tmpfsImages } from './tmpfs';

const IMAGES = 'checkpoint/';
/** Modes: what the runtime makes for itself, and what is made under the usual umask of 022. */
const MODE = { folder: 0o700, private: 0o600, usual: 0o644 } as const;
/** Nanoseconds for which the machine is taken to have been up when the container was created. */
const UPTIME_AT_CREATION = 3_278_000_000_000n;

function entry(name: string, mode: number, content: ImageContent): ArchiveEntry {
  return Buffer.isBuffer(content)
    ? { name, mode, size: content.length, content }
    : { name, mode, size: content.size, content: content.content };
}

/** Names sort by bytes, as a walk through the folder meets them. */
const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) => (a < b ? -1 : 1);

/**
 * All entries of a container's checkpoint, in the order in which they are written. Page contents are made while they
 * are read, so any size of memory costs the same.
 *
 * @param options.seed what made-up contents follow from: the same snapshot and seed give the same bytes
 */
export function containerdEntries(snapshot: ContainerSnapshot, options: { seed?: number } = {}): ArchiveEntry[] {
  const seed = options.seed ?? 0;
  const own = seedOf(seed, snapshot.containerId);
  const cgroupPath = cgroupPathOf(snapshot);
  const mounts = mountTable(snapshot, cgroupPath);
  const files = fileTable(snapshot, mounts);
  const spaces = snapshot.processes.map((process) => addressSpace(process, EXECUTABLE_ID, own));
  const times = dumpTimes(spaces, own);
  const uptime = UPTIME_AT_CREATION + BigInt(snapshot.checkpointedAt) - BigInt(snapshot.createdAt);
  const images: (readonly [name: string, content: ImageContent])[] = [
    ['cgroup.img', cgroup(cgroupPath)],
    ['descriptors.json', Buffer.from(JSON.stringify(files.standardStreams))],
    ['files.img', files.image],
    ['inventory.img', inventory(own)],
    [`ipcns-var-${NAMESPACE.ipc}.img`, ipcVariables()],
    [`mountpoints-${NAMESPACE.mount}.img`, mounts.image],
    ['pstree.img', pstree(snapshot)],
    ['seccomp.img', seccomp()],
    [`timens-${NAMESPACE.time}.img`, clocks(uptime)],
    ...tmpfsImages(secondsOf(snapshot.createdAt)),
    ...processImages(snapshot, spaces, files, seed),
  ];
  const log = containerLog(snapshot.logPath);
  return [
    { name: IMAGES, mode: MODE.folder, size: 0 },
    ...images.sort(byName).map(([name, content]) => entry(IMAGES + name, MODE.usual, content)),
    entry('config.dump', MODE.private, Buffer.from(configDump(snapshot))),
    ...(log ? [entry('container.log', MODE.private, log)] : []),
    entry('dump.log', MODE.private, Buffer.from(dumpLog(snapshot, spaces, mounts, cgroupPath))),
    entry('rootfs-diff.tar', MODE.usual, rootfsDiff(snapshot)),
    entry('spec.dump', MODE.usual, Buffer.from(specDump(snapshot))),
    entry('stats-dump', MODE.usual, statsDump(spaces, times)),
    entry('status', MODE.private, Buffer.from(status(snapshot))),
    entry('status.dump', MODE.private, Buffer.from(statusDump(snapshot))),
  ];
}
