// Makes mountpoints-N.img, the mounts of a container. Some mounts are in every container, and the runtime or the pod
// adds others.
import { type CriuInit, criu } from '../../../proto/load';
import { Recent } from '../../base/recent';
import type { Bind } from '../binds';
import { securityOf } from '../security';
import type { ContainerSnapshot } from '../snapshot';
import { imageOfEncoded } from './criu-image';
import type { Devices, Platform } from './platform';

/** CRIU's numbers for types of file systems (`enum fstype` in criu/images/mnt.proto). */
const FS = { unsupported: 0, proc: 1, sysfs: 2, tmpfs: 5, devpts: 6, cgroup: 12, mqueue: 14, overlay: 17 } as const;

/** Device numbers that are the same on every node: the disk, sysfs, and the first of the cgroup hierarchies. */
const DISK = 0xfe00000;
const SYSFS = 22;
const FIRST_HIERARCHY = 29;

const MS = { rdonly: 1, nosuid: 2, nodev: 4, noexec: 8, relatime: 0x200000, strictatime: 0x1000000 } as const;
const SAFE = MS.nosuid | MS.nodev | MS.noexec;

interface Mounted {
  readonly at: string;
  readonly fstype: number;
  readonly device: keyof Devices | number;
  readonly flags: number;
  readonly root?: string;
  readonly source: string;
  readonly options?: string;
  readonly readonlyFs?: true;
  /** Name of a mount that the OCI runtime provides during a restore. */
  readonly external?: string;
  /**
   * Whether the mount is the same in every container. Its root may still differ, if the root is the container's cgroup.
   */
  readonly isFixed?: true;
  /** Whether the root of the mount is the container's cgroup. */
  readonly isRootedInCgroup?: true;
}

const tmpfsDev = { fstype: FS.tmpfs, device: 'dev', flags: MS.nosuid | MS.strictatime, source: 'tmpfs' } as const;
const devOptions = 'size=65536k,mode=755';

/** The hierarchies of cgroup version 1 in the order of their mounts. They are also the names of their directories. */
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

const beforeBinds: readonly Mounted[] = [
  { at: '/proc', fstype: FS.proc, device: 'proc', flags: SAFE | MS.relatime, source: 'proc' },
  { at: '/dev', ...tmpfsDev, options: devOptions },
  {
    at: '/dev/pts',
    fstype: FS.devpts,
    device: 'devpts',
    flags: MS.nosuid | MS.noexec | MS.relatime,
    source: 'devpts',
    options: 'gid=5,mode=620,ptmxmode=666,newinstance',
  },
  { at: '/dev/mqueue', fstype: FS.mqueue, device: 'mqueue', flags: SAFE | MS.relatime, source: 'mqueue' },
  { at: '/sys', fstype: FS.sysfs, device: SYSFS, flags: SAFE | MS.relatime | MS.rdonly, source: 'sysfs' },
  {
    at: '/sys/fs/cgroup',
    fstype: FS.tmpfs,
    device: 'cgroups',
    flags: SAFE | MS.relatime,
    source: 'tmpfs',
    options: 'mode=755',
  },
  ...HIERARCHIES.map(
    (name, i): Mounted => ({
      at: `/sys/fs/cgroup/${name}`,
      fstype: FS.cgroup,
      device: FIRST_HIERARCHY + i,
      flags: SAFE | MS.relatime | MS.rdonly,
      source: 'cgroup',
      options: name === 'systemd' ? 'name=systemd' : name,
      external: `/sys/fs/cgroup/${name}`,
      isRootedInCgroup: true,
    }),
  ),
];
const BEFORE_BINDS = beforeBinds.map((mount): Mounted => ({ ...mount, isFixed: true }));

/** The mounts before the binds in a privileged container, whose `/sys` is writable. */
const WRITABLE = BEFORE_BINDS.map((mount): Mounted => ({ ...mount, flags: mount.flags & ~MS.rdonly }));

const readonlyProc = (name: string): Mounted => ({
  at: `/proc/${name}`,
  root: `/${name}`,
  fstype: FS.proc,
  device: 'proc',
  flags: SAFE | MS.relatime | MS.rdonly,
  source: 'proc',
});
const emptyDirectory = (at: string): Mounted => ({
  at,
  fstype: FS.tmpfs,
  device: 'empty',
  flags: MS.rdonly | MS.relatime,
  source: 'tmpfs',
  options: 'size=4k,nr_inodes=1',
  readonlyFs: true,
});
const nullDevice = (at: string): Mounted => ({
  at,
  root: '/null',
  ...tmpfsDev,
  options: devOptions,
  external: '/dev/null',
});

/** The mounts over the masked and read-only paths that exist on the node. */
const MASKS: readonly Mounted[] = [
  ...['bus', 'fs', 'irq', 'sys'].map(readonlyProc),
  emptyDirectory('/proc/acpi'),
  ...['/proc/interrupts', '/proc/keys', '/proc/timer_list'].map(nullDevice),
  emptyDirectory('/sys/firmware'),
].map((mount) => ({ ...mount, isFixed: true }));

const SHM = '/dev/shm';
const RUN = '/run';
/** Flags of the mount options of binds. */
const OPTION_FLAGS = new Map<string, number>([
  ['ro', MS.rdonly],
  ['nosuid', MS.nosuid],
  ['nodev', MS.nodev],
  ['noexec', MS.noexec],
]);

/** Makes the mount of a bind. It lists every field, because object spread was slow here. */
function mountOfBind({ destination: at, source, options }: Bind): Mounted {
  const flags = options.reduce<number>((sum, option) => sum | (OPTION_FLAGS.get(option) ?? 0), MS.relatime);
  const { tmpfs: fstype } = FS;
  if (at === SHM) return { at, flags, external: at, fstype, device: 'shm', source: 'shm', options: 'size=65536k' };
  if (source.startsWith(`${RUN}/`))
    return { at, flags, external: at, fstype, device: 'run', source: 'run', root: source.slice(RUN.length) };
  return { at, flags, external: at, fstype: FS.unsupported, device: DISK, source: '/dev/vda', root: source };
}

/** The mounts of a container. */
export interface MountTable {
  /** The content of `mountpoints-N.img`. */
  readonly image: Buffer;
  /** Ids by mount point, in the order of mounting. */
  readonly points: ReadonlyMap<string, number>;
}

/** Returns the id of the innermost mount that contains a path. */
function innermostMount(points: ReadonlyMap<string, number>, path: string): number | undefined {
  for (let at = path; at !== '' && at !== '/'; at = at.slice(0, at.lastIndexOf('/'))) {
    const id = points.get(at);
    if (id !== undefined) return id;
  }
  return points.get('/');
}

/** Returns the id of the mount that contains an absolute path of the container. */
export function mountIdOf(table: MountTable, path: string): number {
  return innermostMount(table.points, path) ?? 0;
}

/** Returns the mounts that hide paths from a container or make them read-only. */
export function masksOf(snapshot: ContainerSnapshot): readonly Mounted[] {
  const { maskedPaths, readonlyPaths } = securityOf(snapshot);
  return MASKS.filter(({ at }) => maskedPaths.includes(at) || readonlyPaths.includes(at));
}

/** The ids of mounts. Containers with the same mount points have the same arrangement. */
interface Arrangement {
  readonly points: ReadonlyMap<string, number>;
  /**
   * The id of each mount, the id of the mount that contains it, and its bytes. The bytes are stored only for a mount
   * that is the same in every container.
   */
  readonly places: readonly { readonly id: number; readonly parent: number; readonly fixed?: Encoded }[];
}

/** An encoded mount. A mount whose root is the container's cgroup consists of the bytes before and after its root. */
type Encoded = readonly [before: Buffer, behind?: Buffer];

/** A cache of arrangements, because many containers have the same mount points. */
const recent = new Recent<Arrangement>(64);

function arrange(mounts: readonly Mounted[], masks: number, platform: Platform): Arrangement {
  const points = new Map<string, number>();
  const places = mounts.map((mount, i) => {
    const parent = innermostMount(points, mount.at) ?? platform.outerMountId;
    const maskIndex = i - (mounts.length - masks);
    const id = maskIndex < 0 ? platform.firstMountId.others + i : platform.firstMountId.masks + maskIndex;
    points.set(mount.at, id);
    return { id, parent, ...(mount.isFixed && { fixed: encoded(mount, id, parent, platform) }) };
  });
  return { points, places };
}

/**
 * Makes the table of a container's mounts.
 *
 * @param cgroupPath absolute path of the container's cgroup, which is the same in every hierarchy
 */
export function mountTable(snapshot: ContainerSnapshot, cgroupPath: string, platform: Platform): MountTable {
  const binds = platform.binds(snapshot);
  const root: Mounted = {
    at: '/',
    fstype: FS.overlay,
    device: 'overlay',
    flags: securityOf(snapshot).readonlyRoot ? MS.relatime | MS.rdonly : MS.relatime,
    source: 'overlay',
    options: platform.rootOptions(snapshot),
  };
  const masks = masksOf(snapshot);
  const { privileged } = securityOf(snapshot);
  const mounts = [root, ...(privileged ? WRITABLE : BEFORE_BINDS), ...binds.map(mountOfBind), ...masks];
  const key = [platform.name, privileged, masks.length, ...mounts.map(({ at }) => at)].join('\0');
  const { points, places } = recent.get(key, () => arrange(mounts, masks.length, platform));
  const group = criu('mnt_entry').encode({ root: cgroupPath });
  const messages = mounts.flatMap((mount, i) => {
    const place = places[i];
    if (!place) return [];
    const [before, behind] = place.fixed ?? encoded(mount, place.id, place.parent, platform);
    return behind ? [Buffer.concat([before, group, behind])] : [before];
  });
  // CRIU lists the latest mount first.
  return { image: imageOfEncoded('mountpoints', messages.reverse()), points };
}

function encoded(mount: Mounted, id: number, parent: number, { devices }: Platform): Encoded {
  const { encode } = criu('mnt_entry');
  const entry: CriuInit<'mnt_entry'> = {
    fstype: mount.fstype,
    mnt_id: id,
    root_dev: typeof mount.device === 'number' ? mount.device : devices[mount.device],
    parent_mnt_id: parent,
    flags: mount.flags,
    root: mount.root ?? '/',
    mountpoint: mount.at,
    source: mount.source,
    options: mount.options ?? '',
    shared_id: 0,
    master_id: 0,
    sb_flags: mount.readonlyFs ? MS.rdonly : 0,
  };
  if (mount.external !== undefined) entry.ext_key = mount.external;
  if (!mount.isRootedInCgroup) return [encode(entry)];
  const { fstype, mnt_id, root_dev, parent_mnt_id, flags, root: _, ...behind } = entry;
  return [encode({ fstype, mnt_id, root_dev, parent_mnt_id, flags }), encode(behind)];
}
