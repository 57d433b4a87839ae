// Makes core-N.img: the registers, credentials, limits and signal handlers of an x86-64 task.
import { criu } from '../../../proto/load';
import { once, Recent } from '../../base/recent';
import { capabilitiesOf, capabilityMasks, securityOf } from '../security';
import type { ContainerSnapshot, SnapshotProcess } from '../snapshot';
import type { AddressSpace } from './address-space';
import { field, type ImageEntry, imageOfEncoded } from './criu-image';
import { CGROUP_SET } from './namespaces';
import type { Platform } from './platform';

type Core = ImageEntry<'core'>;

const INFINITY = '18446744073709551615';
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** Registers of processes in `wait4` and in `clock_nanosleep`, which are the system calls of idle processes. */
const WAITING = { orig_ax: 61, ax: 61, di: INFINITY, ip: 0x4b0640 } as const;
const SLEEPING = { orig_ax: 230, ax: '18446744073709551612', di: 0, ip: 0x4b0642 } as const;

/** Floating point and vector registers of a task that does not use them, in the sizes of AVX-512. */
const FLOATING_POINT = {
  cwd: 0x37f,
  swd: 0,
  twd: 0,
  fop: 0,
  rip: 0,
  rdp: 0,
  mxcsr: 0x1f80,
  mxcsr_mask: 0xffff,
  st_space: zeros(32),
  xmm_space: zeros(64),
  xsave: {
    xstate_bv: 0xa3,
    ymmh_space: zeros(64),
    opmask_reg: zeros(8),
    zmm_upper: zeros(64),
    hi16_zmm: zeros(128),
  },
};

const THREAD_AREAS = [12, 13, 14].map((entry) => ({
  entry_number: entry,
  base_addr: 0,
  limit: 0,
  seg_32bit: false,
  contents_h: false,
  contents_l: false,
  read_exec_only: true,
  limit_in_pages: false,
  seg_not_present: true,
  usable: false,
}));

/** Soft and hard limits, in the order of the numbers of `RLIMIT_*`. */
const LIMITS = [
  [INFINITY, INFINITY],
  [INFINITY, INFINITY],
  [INFINITY, INFINITY],
  [8388608, INFINITY],
  [0, INFINITY],
  [INFINITY, INFINITY],
  [96365, 96365],
  [20000, 20000],
  [8388608, 8388608],
  [INFINITY, INFINITY],
  [INFINITY, INFINITY],
  [96365, 96365],
  [819200, 819200],
  [0, 0],
  [0, 0],
  [INFINITY, INFINITY],
] as const;

const NO_TIMER = { isec: 0, iusec: 0, vsec: 0, vusec: 0 };
const DEFAULT_ACTION = { sigaction: 0, flags: 0, restorer: 0, mask: 0, compat_sigaction: false };
/** Actions of all signals except SIGKILL and SIGSTOP, which have no actions. */
const SIGNAL_ACTIONS = new Array<typeof DEFAULT_ACTION>(62).fill(DEFAULT_ACTION);

const NONE = [0, 0];

/**
 * Encodes the credentials of a container's tasks. A user other than root has no permitted or effective capabilities.
 *
 * @returns a part of a `thread_core_entry`
 */
export function credentials(snapshot: ContainerSnapshot, platform: Platform): Buffer {
  const { uid, gid, groups, noNewPrivileges = false } = securityOf(snapshot);
  const bounding = capabilityMasks(capabilitiesOf(snapshot, platform.capabilities));
  const permitted = uid === 0 ? bounding : NONE;
  return recentCredentials.get([uid, gid, ...bounding, noNewPrivileges, ...groups].join(' '), () =>
    criu('thread_core_entry').encode({
      creds: {
        ...{ uid, euid: uid, suid: uid, fsuid: uid },
        ...{ gid, egid: gid, sgid: gid, fsgid: gid },
        ...{ cap_inh: NONE, cap_prm: [...permitted], cap_eff: [...permitted], cap_bnd: [...bounding], cap_amb: NONE },
        secbits: 0,
        groups: [...groups],
        ...(noNewPrivileges && { no_new_privs: 1 }),
      },
    }),
  );
}
const recentCredentials = new Recent<Buffer>(64);

/** Offsets in the heap. A static program has its thread control block at the beginning of the heap. */
const THREAD_BLOCK = { pointer: 0x3c0, clearTid: 0x9e8, robustList: 0x6a0, rseq: 0x320 } as const;

function registers(
  space: AddressSpace,
  index: number,
  isWaiting: boolean,
): NonNullable<NonNullable<Core['thread_info']>['gpregs']> {
  const { ip, ...call } = isWaiting ? WAITING : SLEEPING;
  const stack = space.stack.start - 512 - index * THREAD_STEP;
  return {
    r15: 0,
    r14: 0,
    r13: space.stack.start,
    r12: space.stack.start,
    bp: 0,
    bx: space.stack.start,
    r11: 0x202,
    r10: 0,
    r9: 0,
    r8: 0,
    cx: 0x4b0642,
    dx: 0,
    si: stack + 96,
    ip,
    cs: 0x33,
    flags: 0x202,
    sp: stack,
    ss: 0x2b,
    fs_base: space.heapStart + index * THREAD_STEP + THREAD_BLOCK.pointer,
    gs_base: 0,
    ds: 0,
    es: 0,
    fs: 0,
    gs: 0,
    mode: 'NATIVE',
    ...call,
  };
}

const NICE = { sched_nice: 0, sched_policy: 0 };

/** Returns the parts that are the same in every process. They are encoded once. */
const fixed = once(() => {
  const task = criu('task_core_entry');
  const timers = { real: NO_TIMER, virt: NO_TIMER, prof: NO_TIMER };
  const limits = { rlimits: LIMITS.map(([cur, max]) => ({ cur, max })) };
  return {
    machine: criu('core_entry').encode({ mtype: 'X86_64' }),
    vectors: criu('thread_info_x86').encode({ fpregs: FLOATING_POINT, tls: THREAD_AREAS }),
    state: task.encode({ task_state: 1, exit_code: 0, personality: 0, flags: 0x400000, blk_sigset: 0 }),
    limits: task.encode({ timers, rlimits: limits, signals_s: {}, loginuid: 0xffffffff }),
    signals: task.encode({ sigactions: SIGNAL_ACTIONS, child_subreaper: false }),
    thread: criu('thread_core_entry').encode({
      ...NICE,
      sas: { ss_sp: 0, ss_size: 0, ss_flags: 2 },
      signals_p: {},
    }),
  };
});

/** Field numbers of the messages in a `core_entry`. */
const FIELD = { thread_info: 2, tc: 3, thread_core: 5 } as const;

/** The inputs of `core` in addition to the process and its memory. */
export interface CoreContext {
  /** Whether the process waits for a child. If not, the process sleeps. */
  readonly isWaiting: boolean;
  readonly oomScoreAdj: number;
  /** The result of `credentials`. */
  readonly credentials: Buffer;
}

type ThreadContext = Omit<CoreContext, 'oomScoreAdj'>;

/** Returns the name of a task, which the kernel truncates to 16 bytes, including its NUL. */
const shortName = (process: SnapshotProcess) => Buffer.from(process.name).subarray(0, 15).toString();

/** Distance between the stack pointers and between the control blocks of two threads, in bytes. */
const THREAD_STEP = 1024;

/** Encodes the parts of a `core_entry` that each thread has. The first thread of a process has index 0. */
function threadParts(process: SnapshotProcess, space: AddressSpace, index: number, context: ThreadContext) {
  const thread = criu('thread_core_entry');
  const block = space.heapStart + index * THREAD_STEP;
  const same = fixed();
  const info = { clear_tid_addr: block + THREAD_BLOCK.clearTid, gpregs: registers(space, index, context.isWaiting) };
  const sequence = { rseq_abi_pointer: block + THREAD_BLOCK.rseq, rseq_abi_size: 32, signature: 0x53053053 };
  return {
    same,
    info: field(FIELD.thread_info, [criu('thread_info_x86').encode(info), same.vectors]),
    core: field(FIELD.thread_core, [
      thread.encode({ futex_rla: block + THREAD_BLOCK.robustList, futex_rla_len: 24 }),
      same.thread,
      context.credentials,
      thread.encode({ comm: shortName(process), rseq_entry: sequence, cg_set: CGROUP_SET }),
    ]),
  };
}

/** Makes the `core-N.img` of a process. */
export function core(process: SnapshotProcess, space: AddressSpace, context: CoreContext): Buffer {
  const { same, info, core: thread } = threadParts(process, space, 0, context);
  const task = criu('task_core_entry');
  const parts = [
    same.state,
    task.encode({ comm: shortName(process) }),
    same.limits,
    task.encode({ oom_score_adj: context.oomScoreAdj }),
    same.signals,
  ];
  return imageOfEncoded('core', [Buffer.concat([same.machine, info, field(FIELD.tc, parts), thread])]);
}

/**
 * Makes the `core-N.img` of a thread other than the first one. It does not contain the parts that all threads share.
 * @param index index of the thread in its process, at least 1
 * @param ownCredentials the result of `credentials`
 */
export function threadCore(
  process: SnapshotProcess,
  space: AddressSpace,
  index: number,
  ownCredentials: Buffer,
): Buffer {
  const context = { isWaiting: false, credentials: ownCredentials };
  const { same, info, core: thread } = threadParts(process, space, index, context);
  return imageOfEncoded('core', [Buffer.concat([same.machine, info, thread])]);
}
