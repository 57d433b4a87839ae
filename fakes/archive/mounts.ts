// The mounts of a container: what every one has, what the runtime adds, what the pod asks for; as CRIU dumps them.
import { criu } from '../../proto/load';
import { imageOfEncoded } from './criu-image';
import { Recent } from './recent';
import type { ContainerSnapshot } from './snapshot';

/** Kinds of file systems by CRIU's numbers (criu/images/mnt.proto). */
const FS = { unsupported: 0, proc: 1, sysfs: 2, tmpfs: 5, devpts: 6, cgroup: 12, mqueue: 14, overlay: 17 } as const;

/** Device numbers: mounts of one file system share one. */
const DEVICE = { overlay: 132, mqueue: 137, proc: 145, dev: 146, devpts: 147, cgroups: 148, empty: 149, shm: 125 };
/** Tmpfs mounts whose contents are in the checkpoint, by device number. */
export const TMPFS_DEVICES = { dev: DEVICE.dev, cgroups: DEVICE.cgroups, empty: DEVICE.empty } as const;

const MS = { rdonly: 1, nosuid: 2, nodev: 4, noexec: 8, relatime: 0x200000, strictatime: 0x1000000 } as const;
const SAFE = MS.nosuid | MS.nodev | MS.noexec;
/** Ids are handed out in order, but what masks parts of other mounts got ids that were free further down. */
const FIRST_ID = { others: 462, masks: 428 } as const;
/** The mount that the container's root hangs on, outside of what is dumped. */
const OUTER_ID = 383;

interface Mounted {
  readonly at: string;
  readonly fstype: number;
  readonly device: number;
  readonly flags: number;
  readonly root?: string;
  readonly source: string;
  readonly options?: string;
  readonly readonlyFs?: true;
  /** Mounts that restore gets from outside, by name. */
  readonly external?: string;
  /** The same in every container. */
  readonly usual?: true;
}

const tmpfsDev = { fstype: FS.tmpfs, device: DEVICE.dev, flags: MS.nosuid | MS.strictatime, source: 'tmpfs' } as const;
const devOptions = 'size=65536k,mode=755';

const BEFORE_BINDS: readonly Mounted[] = [
  { at: '/proc', fstype: FS.proc, device: DEVICE.proc, flags: SAFE | MS.relatime, source: 'proc' },
  { at: '/dev', ...tmpfsDev, options: devOptions },
  {
    at: '/dev/pts',
    fstype: FS.devpts,
    device: DEVICE.devpts,
    flags: MS.nosuid | MS.noexec | MS.relatime,
    source: 'devpts',
    options: 'gid=5,mode=620,ptmxmode=666,newinstance',
  },
  { at: '/dev/mqueue', fstype: FS.mqueue, device: DEVICE.mqueue, flags: SAFE | MS.relatime, source: 'mqueue' },
  { at: '/sys', fstype: FS.sysfs, device: 22, flags: SAFE | MS.relatime | MS.rdonly, source: 'sysfs' },
  {
    at: '/sys/fs/cgroup',
    fstype: FS.tmpfs,
    device: DEVICE.cgroups,
    flags: SAFE | MS.relatime,
    source: 'tmpfs',
    options: 'mode=755',
  },
];

/** Hierarchies of cgroup version 1 in the order in which they are mounted; each is a directory of that name. */
export const HIERARCHIES = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'freezer',
  'blkio',
  'pids',
  'systemd',
] as const;

const readonlyProc = (name: string): Mounted => ({
  at: `/proc/${name}`,
  root: `/${name}`,
  fstype: FS.proc,
  device: DEVICE.proc,
  flags: SAFE | MS.relatime | MS.rdonly,
  source: 'proc',
});
const emptied = (at: string): Mounted => ({
  at,
  fstype: FS.tmpfs,
  device: DEVICE.empty,
  flags: MS.rdonly | MS.relatime,
  source: 'tmpfs',
  options: 'size=4k,nr_inodes=1',
  readonlyFs: true,
});
const nulled = (at: string): Mounted => ({
  at,
  root: '/null',
  ...tmpfsDev,
  options: devOptions,
  external: '/dev/null',
});

const AFTER_BINDS: readonly Mounted[] = [
  ...['bus', 'fs', 'irq', 'sys'].map(readonlyProc),
  emptied('/proc/acpi'),
  ...['/proc/interrupts', '/proc/keys', '/proc/timer_list'].map(nulled),
  emptied('/sys/firmware'),
].map((mount) => ({ ...mount, usual: true }));

/** A directory or file of the host in the container. */
export interface Bind {
  readonly destination: string;
  readonly source: string;
  readonly readonly: boolean;
}

const STATE = '/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes';
const VOLATILE = '/run/containerd/io.containerd.grpc.v1.cri/sandboxes';
const SHM = '/dev/shm';

const known = new WeakMap<ContainerSnapshot, readonly Bind[]>();

/** What the pod asks for, then what the runtime adds where the pod does not; the shallower first. */
export function binds(snapshot: ContainerSnapshot): readonly Bind[] {
  const before = known.get(snapshot);
  if (before) return before;
  const asked = snapshot.mounts.map(({ containerPath, hostPath, readonly }) => ({
    destination: containerPath,
    source: hostPath,
    readonly,
  }));
  const added = ['hostname', 'hosts', 'resolv.conf'].map((name) => ({
    destination: `/etc/${name}`,
    source: `${STATE}/${snapshot.sandboxId}/${name}`,
    readonly: false,
  }));
  const shm = { destination: SHM, source: `${VOLATILE}/${snapshot.sandboxId}/shm`, readonly: false };
  const all = [
    ...asked,
    ...[...added, shm].filter((one) => !asked.some((other) => other.destination === one.destination)),
  ]
    .map((bind) => ({ bind, depth: bind.destination.split('/').filter((part) => part !== '').length }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ bind }) => bind);
  known.set(snapshot, all);
  return all;
}

function bound({ destination, source, readonly }: Bind): Mounted {
  const flags = MS.relatime | (readonly ? MS.rdonly : 0);
  if (destination === SHM)
    return {
      at: SHM,
      fstype: FS.tmpfs,
      device: DEVICE.shm,
      flags,
      source: 'shm',
      options: 'size=65536k',
      external: SHM,
    };
  const disk = { fstype: FS.unsupported, device: 0xfe00000, source: '/dev/vda' };
  return { at: destination, ...disk, root: source, flags, external: destination };
}

/** All mounts of a container with their ids, in the order in which they were made. */
export interface MountTable {
  /** Bytes of `mountpoints-N.img`. */
  readonly image: Buffer;
  /** Ids by mount point, in the order in which they were made. */
  readonly points: ReadonlyMap<string, number>;
}

/** The innermost of the mounts made so far that a path lies under. */
function under(made: ReadonlyMap<string, number>, path: string): number {
  for (let at = path; at !== '' && at !== '/'; at = at.slice(0, at.lastIndexOf('/'))) {
    const id = made.get(at);
    if (id !== undefined) return id;
  }
  return made.get('/') ?? OUTER_ID;
}

/** Id of the mount that holds the file at an absolute path of the container. */
export function mountOf(table: MountTable, path: string): number {
  return under(table.points, path);
}

/** @param cgroupPath absolute path of the container's cgroup in every hierarchy */
export function mountTable(snapshot: ContainerSnapshot, cgroupPath: string): MountTable {
  const snapshots = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';
  const mounts: readonly Mounted[] = [
    {
      at: '/',
      fstype: FS.overlay,
      device: DEVICE.overlay,
      flags: MS.relatime,
      source: 'overlay',
      options: `lowerdir=${snapshots}/1/fs,upperdir=${snapshots}/4/fs,workdir=${snapshots}/4/work,uuid=on`,
    },
    ...BEFORE_BINDS.map((mount): Mounted => ({ ...mount, usual: true })),
    ...HIERARCHIES.map((name, i) => ({
      at: `/sys/fs/cgroup/${name}`,
      root: cgroupPath,
      fstype: FS.cgroup,
      device: 29 + i,
      flags: SAFE | MS.relatime | MS.rdonly,
      source: 'cgroup',
      options: name === 'systemd' ? 'name=systemd' : name,
      external: `/sys/fs/cgroup/${name}`,
    })),
    ...binds(snapshot).map(bound),
    ...AFTER_BINDS,
  ];
  const points = new Map<string, number>();
  const messages = mounts.map((mount, i) => {
    const parent = under(points, mount.at);
    const masking = i - (mounts.length - AFTER_BINDS.length);
    const id = masking < 0 ? FIRST_ID.others + i : FIRST_ID.masks + masking;
    points.set(mount.at, id);
    return mount.usual
      ? usual.get(`${mount.at} ${id} ${parent}`, () => encoded(mount, id, parent))
      : encoded(mount, id, parent);
  });
  // CRIU lists the youngest first.
  return { image: imageOfEncoded('mountpoints', messages.reverse()), points };
}

/** Encoded mounts that many containers have alike. */
const usual = new Recent<Buffer>(128);

function encoded(mount: Mounted, id: number, parent: number): Buffer {
  return criu('mnt_entry').encode({
    fstype: mount.fstype,
    mnt_id: id,
    root_dev: mount.device,
    parent_mnt_id: parent,
    flags: mount.flags,
    root: mount.root ?? '/',
    mountpoint: mount.at,
    source: mount.source,
    options: mount.options ?? '',
    shared_id: 0,
    master_id: 0,
    sb_flags: mount.readonlyFs ? MS.rdonly : 0,
    ...(mount.external === undefined ? {} : { ext_key: mount.external }),
  });
}
