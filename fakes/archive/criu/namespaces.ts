// Assigns the ids of namespaces and other objects as CRIU does, and makes the images of namespaces.
import { criu } from '../../../proto/load';
import { Random, seedOf } from '../../base/random';
import { once, Recent } from '../../base/recent';
import { image, imageOfEncoded } from './criu-image';
import type { Platform } from './platform';

/** CRIU's id of the container's set of cgroups. Set 1 belongs to CRIU itself. */
export const CGROUP_SET = 2;

// CRIU numbers namespaces in the order in which it finds them: first its own namespaces, then the namespaces that only
// the container has.
/** Namespaces that CRIU and the container share. */
const SHARED = { net_ns_id: 2, user_ns_id: 7, cgroup_ns_id: 8, time_ns_id: 5 } as const;
const OF_CRIU = { pid_ns_id: 1, ipc_ns_id: 3, uts_ns_id: 4, mnt_ns_id: 6, ...SHARED } as const;
const OF_CONTAINER = { ...OF_CRIU, pid_ns_id: 9, ipc_ns_id: 10 } as const;
const WITH_UTS = { ...OF_CONTAINER, uts_ns_id: 11, mnt_ns_id: 12 } as const;
const WITHOUT_UTS = { ...OF_CONTAINER, mnt_ns_id: 11 } as const;

const namespacesOf = ({ ownUts }: Platform) => (ownUts ? WITH_UTS : WITHOUT_UTS);

/**
 * Makes the images of the container's namespaces, except the mount namespace.
 *
 * @param uptime uptime of the node at the checkpoint, nanoseconds
 * @returns names and contents of the images
 */
export function namespaceImages(platform: Platform, uptime: bigint, hostname: string): (readonly [string, Buffer])[] {
  const { ipc_ns_id, uts_ns_id } = namespacesOf(platform);
  const uts = () => image('uts', [{ nodename: hostname, domainname: '(none)' }]);
  return [
    [`ipcns-var-${ipc_ns_id}.img`, ipcVariables()],
    ['timens-0.img', clocks(uptime)],
    ...(platform.ownUts ? ([[`utsns-${uts_ns_id}.img`, uts()]] as const) : []),
  ];
}

/** Returns the number N in the name of `mountpoints-N.img`. */
export function mountNamespace(platform: Platform): number {
  return namespacesOf(platform).mnt_ns_id;
}

/**
 * Returns the id that CRIU gives to the memory, the open files and the signal handlers of a process. No two processes
 * have the same id, because they share none of these.
 * @param index index of the process in the snapshot
 */
export function ownId(index: number): number {
  return 2 + index;
}

const own = (id: number) => ({ vm_id: id, files_id: id, fs_id: id, sighand_id: id });

/**
 * Makes the `ids-N.img` of a process.
 *
 * @param index index of the process in the snapshot
 */
export function ids(index: number, platform: Platform): Buffer {
  const namespaces = namespacesOf(platform);
  return recentIds.get(`${platform.name} ${index}`, () => image('ids', [{ ...own(ownId(index)), ...namespaces }]));
}
const recentIds = new Recent<Buffer>(64);

/** The part of an inventory that is the same in all dumps. */
const fixedInventory = once(() =>
  criu('inventory_entry').encode({
    img_version: 2,
    fdinfo_per_id: true,
    root_ids: { ...own(1), ...OF_CRIU },
    ns_per_id: true,
    root_cg_set: 1,
    lsmtype: 'NO_LSM',
    network_lock_method: 0,
    plugins_entry: {},
  }),
);

/** Makes `inventory.img`, which exists only in complete checkpoints. */
export function inventory(seed: number): Buffer {
  const random = new Random(seedOf('run', seed));
  const run = [8, 4, 4, 4, 12].map((digits) => random.hex(digits)).join('-');
  const own = criu('inventory_entry').encode({ dump_criu_run_id: run });
  return imageOfEncoded('inventory', [Buffer.concat([fixedInventory(), own])]);
}

/** Makes the image with the limits of System V and POSIX interprocess communication in a new namespace. */
const ipcVariables = once(() =>
  image('ipcVariables', [
    {
      sem_ctls: [32000, 1024000000, 500, 32000],
      msg_ctlmax: 8192,
      msg_ctlmnb: 16384,
      msg_ctlmni: 32000,
      auto_msgmni: 0,
      shm_ctlmax: '18446744073692774399',
      shm_ctlall: '18446744073692774399',
      shm_ctlmni: 4096,
      shm_rmid_forced: 0,
      mq_queues_max: 256,
      mq_msg_max: 10,
      mq_msgsize_max: 8192,
      mq_msg_default: 10,
      mq_msgsize_default: 8192,
    },
  ]),
);

/** Makes the image with the clocks of the node at the checkpoint. */
function clocks(uptime: bigint): Buffer {
  const at = (nanoseconds: bigint) => ({
    tv_sec: (nanoseconds / 1_000_000_000n).toString(),
    tv_nsec: (nanoseconds % 1_000_000_000n).toString(),
  });
  return image('timens', [{ monotonic: at(uptime), boottime: at(uptime + 55n) }]);
}

/** Makes `seccomp.img`. It contains no filters, because no process has a seccomp filter. */
export const seccomp = once(() => image('seccomp', [{}]));
