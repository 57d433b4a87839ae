// Namespaces and the other numbers that CRIU hands out while dumping, and the images that hold nothing else.
import { image } from './criu-image';
import { Random, seedOf } from './random';
import { once, Recent } from './recent';

/** Set 1 is CRIU's own; the container is in the next. */
export const CGROUP_SET = 2;

/** Ids of namespaces in order of discovery: CRIU's own first, then those that the container does not share with it. */
const SHARED = { net_ns_id: 2, uts_ns_id: 4, user_ns_id: 7, cgroup_ns_id: 8, time_ns_id: 5 } as const;
const OF_CRIU = { pid_ns_id: 1, ipc_ns_id: 3, mnt_ns_id: 6, ...SHARED } as const;
const OF_CONTAINER = { pid_ns_id: 9, ipc_ns_id: 10, mnt_ns_id: 11, ...SHARED } as const;

/** Numbers in the names of the images that are made once per namespace. */
export const NAMESPACE = { ipc: OF_CONTAINER.ipc_ns_id, mount: OF_CONTAINER.mnt_ns_id, time: 0 } as const;

/** Id of what a process shares with no other (memory, files, handlers), from its place among the processes. */
export function ownId(index: number): number {
  return 2 + index;
}

const own = (id: number) => ({ vm_id: id, files_id: id, fs_id: id, sighand_id: id });

/** The `ids-N.img` of a process. */
export function ids(index: number): Buffer {
  return recentIds.get(String(index), () => image('ids', [{ ...own(ownId(index)), ...OF_CONTAINER }]));
}
const recentIds = new Recent<Buffer>(64);

/** `inventory.img`, whose presence says that a checkpoint is complete. */
export function inventory(seed: number): Buffer {
  const random = new Random(seedOf('run', seed));
  const run = [8, 4, 4, 4, 12].map((digits) => random.hex(digits));
  return image('inventory', [
    {
      img_version: 2,
      fdinfo_per_id: true,
      root_ids: { ...own(1), ...OF_CRIU },
      ns_per_id: true,
      root_cg_set: 1,
      lsmtype: 'NO_LSM',
      network_lock_method: 0,
      plugins_entry: {},
      dump_criu_run_id: run.join('-'),
    },
  ]);
}

/** Limits of System V and POSIX interprocess communication, as a new namespace has them. */
export const ipcVariables = once(() =>
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

/** The clocks at the moment of the dump; the machine is taken to be up for `uptime` nanoseconds. */
export function clocks(uptime: bigint): Buffer {
  const at = (nanoseconds: bigint) => ({
    tv_sec: (nanoseconds / 1_000_000_000n).toString(),
    tv_nsec: (nanoseconds % 1_000_000_000n).toString(),
  });
  return image('timens', [{ monotonic: at(uptime), boottime: at(uptime + 55n) }]);
}

/** No process has a seccomp filter. */
export const seccomp = once(() => image('seccomp', [{}]));
