// Makes dump.log, CRIU's log of a dump. Each line begins with the time since the start.

import type { ContainerSnapshot, SnapshotProcess } from '../snapshot';
import type { AddressSpace, Mapping, PageRun } from './address-space';
import { PAGE } from './address-space';
import { hostPid } from './host-process';
import { HIERARCHIES, type MountTable } from './mounts';
import type { Platform } from './platform';

const RULE = '-'.repeat(40);
const DOUBLE_RULE = '='.repeat(40);

const hex = (value: number) => `0x${value.toString(16)}`;
const address = (at: number | string) => `0x${(typeof at === 'number' ? at : BigInt(at)).toString(16)}`;
const hexDigits = (at: number) => at.toString(16);

const FIRST_LINES = [
  'Version: 4.2.1 (gitid 0)',
  'Running on node1 Linux 6.18.44 #1 SMP PREEMPT_DYNAMIC @0 x86_64',
  'File /run/criu.kdat does not exist',
  'sockets: Probing sock diag modules',
  'sockets: Done probing',
  'PAGEMAP_SCAN is supported',
  'Pagemap is fully functional',
  'Dirty tracking support is OFF',
  'Found task size of 7ffffffff000',
  'cpu: x86_family 6 x86_vendor_id GenuineIntel x86_model_id Intel(R) Xeon(R) Processor',
  'Found mmap_min_addr 0x10000',
];

const DUMPED_NAMESPACES = [
  'Will take pid namespace in the image',
  'Will take ipc namespace in the image',
  'Will take mnt namespace in the image',
];

function mappingLine({ start, end, prot, flags, status, pgoff, shmid }: Mapping): string {
  const kilobytes = Math.round((Number(end) - Number(start)) / 1024);
  const area = `prot ${hex(prot)} flags ${hex(flags)} st ${hex(status)} off ${hex(pgoff)} shmid: ${hex(shmid)}`;
  return `${address(start)}-${address(end)} (${kilobytes}K) ${area}`;
}

const pipeLine = ({ start, pages }: PageRun) => `page-pipe: \t\t${hex(start)} - ${hex(start + pages * PAGE)}`;

/** Returns the number of open files of a process, including the standard streams. */
function descriptorCount({ openFiles, listening = [], unixSockets = [] }: SnapshotProcess): number {
  return new Set([0, 1, 2, ...[...openFiles, ...listening, ...unixSockets].map(({ fd }) => fd)]).size;
}

/** Returns the lines about one process, whose id on the node is `pid`. */
function taskLines(process: SnapshotProcess, space: AddressSpace, pid: number): string[] {
  const pages = space.runs.reduce((sum, run) => sum + run.pages, 0);
  return [
    DOUBLE_RULE,
    `Dumping task (pid: ${pid} comm: ${process.name})`,
    DOUBLE_RULE,
    'Obtaining task stat ... ',
    `Collecting mappings (pid: ${pid})`,
    RULE,
    `Collected, longest area occupies ${Math.max(...space.runs.map((run) => run.pages))} pages`,
    ...space.mappings.map(mappingLine),
    RULE,
    `Collecting fds (pid: ${pid})`,
    `Found ${descriptorCount(process)} file descriptors`,
    RULE,
    `Dumping general registers for ${pid} in native mode`,
    `Dumping GP/FPU registers for ${pid}`,
    `Parasite ${pid} has been switched to daemon mode`,
    `sid=1 pgid=1 pid=${process.pid}`,
    `Dumping opened files (pid: ${pid})`,
    RULE,
    `Dumping pages (type: 59 pid: ${pid})`,
    RULE,
    `pagemap-cache: created for pid ${pid} (takes 4096 bytes)`,
    `Pagemap generated: ${pages} pages (0 lazy) 0 holes`,
    'page-pipe: Page pipe:',
    ...space.runs.map(pipeLine),
    'page-xfer: Transferring pages:',
    ...space.runs.map(({ start, pages: count }) => `page-xfer: \tp ${hexDigits(start)} [${count}]`),
    RULE,
    `Dumping core (pid: ${pid})`,
    RULE,
    `${pid} has 0 sched policy`,
    `Waiting for ${pid} to trap`,
    `${pid} was stopped`,
  ];
}

/** Returns the log of a successful dump. */
export function dumpLog(
  snapshot: ContainerSnapshot,
  spaces: readonly AddressSpace[],
  mounts: MountTable,
  cgroupPath: string,
  platform: Platform,
): string {
  const pids = snapshot.processes.map((process) => hostPid(snapshot, process.pid));
  const lines = [
    ...FIRST_LINES,
    DOUBLE_RULE,
    `Dumping processes (pid: ${pids[0]} comm: ${snapshot.processes[0]?.name ?? ''})`,
    DOUBLE_RULE,
    'Preparing image inventory (version 1)',
    'Detected cgroup V1 freezer',
    `freezing cgroup /sys/fs/cgroup/freezer${cgroupPath}: 100 x 100ms attempts, timeout: 10s`,
    'freezer.state=FROZEN',
    ...snapshot.processes.map((process, i) => `SEIZE ${pids[i]} (comm ${process.name}): success`),
    ...DUMPED_NAMESPACES,
    ...(platform.ownUts ? ['Will take uts namespace in the image'] : []),
    'net: Lock network',
    'mnt: Building mountpoints tree',
    ...[...mounts.points].map(([at, id]) => `mnt: \t${id}: .${at}`),
    ...snapshot.processes.flatMap((process, i) => {
      const space = spaces[i];
      return space ? taskLines(process, space, pids[i] ?? 0) : [];
    }),
    RULE,
    `Dumping ${snapshot.processes[0]?.pid ?? 1}(${pids[0]})'s namespaces`,
    'IPC shared memory segments: 0',
    'IPC message queues: 0',
    'IPC semaphore sets: 0',
    'Namespaces dump complete',
    'cg: Dumping 1 sets',
    ...HIERARCHIES.map((name) => `cg:    \`- Dumping ${name} of ${cgroupPath}`),
    'cg: Writing CG image',
    'Writing image inventory (version 1)',
    'Running post-dump scripts',
    'net: Unlock network',
    'Unfreezing tasks into 1',
    ...pids.map((pid) => `\tUnseizing ${pid} into 1`),
    'Writing stats',
    'Dumping finished successfully',
  ];
  return lines.map((line, i) => `${stamp(i)} ${line}\n`).join('');
}

/** Time between two lines, microseconds. */
const STEP = 211;
/** A cache of the timestamps by line, which are the same in every log. */
const stamps: string[] = [];

/** Returns the timestamp of a line: seconds and microseconds in parentheses. */
function stamp(line: number): string {
  for (let at = stamps.length * STEP; stamps.length <= line; at += STEP) {
    const seconds = String(Math.floor(at / 1e6)).padStart(2, '0');
    stamps.push(`(${seconds}.${String(at % 1e6).padStart(6, '0')})`);
  }
  return stamps[line] ?? '';
}
