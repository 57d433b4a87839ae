// Defines the container metrics that a kubelet exports, with cAdvisor's names.

import type { Container } from '../state/store';
import type { Usage } from './stats';

/** The values from which the metrics of a container are computed. */
interface Measured {
  readonly container: Container;
  readonly usage: Usage;
  /** Current time, nanoseconds since the epoch. */
  readonly now: bigint;
}

export interface Measure<From> {
  readonly name: string;
  readonly help: string;
  readonly type: 'COUNTER' | 'GAUGE';
  /** Labels in addition to the labels that every metric has. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: (from: From) => number | bigint;
}

const NANOSECONDS = 1_000_000_000n;

/** Size of a simulated file system (bytes and inodes), so that used and free space add up. */
const FILE_SYSTEM = { bytes: 16 * 1024 ** 3, inodes: 1_048_576 };
/** The defaults of cgroups for containers without CPU limits. */
const CPU_PERIOD_MICROSECONDS = 100_000;
const CPU_SHARES = 2;

const none = () => 0;
const limit = (pick: (resources: NonNullable<Container['resources']>) => number | string) => (measured: Measured) => {
  const { resources } = measured.container;
  return resources ? Number(pick(resources)) : 0;
};
const memory = ({ usage }: Measured) => usage.memoryBytes;
const files = ({ container }: Measured) => container.machine.files;
const writtenBytes = (measured: Measured) =>
  [...files(measured).values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);

const DEVICE = { device: '/dev/vda' };
const INTERFACE = { interface: 'eth0' };

/**
 * Name, help text, value and labels of a metric. Without a value, the metric is 0 because it measures something that is
 * not simulated.
 */
type Row<From> = readonly [string, string, Measure<From>['value'], Measure<From>['labels']?];

const GAUGES: readonly Row<Measured>[] = [
  ['last_seen', 'Last time a container was seen by the exporter', ({ now }) => now / NANOSECONDS],
  [
    'start_time_seconds',
    'Start time of the container since unix epoch in seconds',
    ({ container }) => BigInt(container.startedAt) / NANOSECONDS,
  ],
  ['file_descriptors', 'Open file descriptors of all processes', ({ usage }) => usage.processes * 3],
  ['fs_inodes_free', 'Inodes that are free', (one) => FILE_SYSTEM.inodes - files(one).size, DEVICE],
  ['fs_inodes_total', 'Inodes there are', () => FILE_SYSTEM.inodes, DEVICE],
  ['fs_limit_bytes', 'Bytes that the container may use of the file system', () => FILE_SYSTEM.bytes, DEVICE],
  ['fs_usage_bytes', 'Bytes that the container uses of the file system', writtenBytes, DEVICE],
  ['hugetlb_max_usage_bytes', 'Largest use of huge pages so far in bytes', none, { pagesize: '2MB' }],
  ['hugetlb_usage_bytes', 'Use of huge pages in bytes', none, { pagesize: '2MB' }],
  ['memory_cache', 'Page cache in bytes', ({ usage }) => usage.memoryBytes - usage.rssBytes],
  ['memory_kernel_usage', 'Kernel memory in bytes', none],
  ['memory_mapped_file', 'Files mapped into memory in bytes', none],
  ['memory_max_usage_bytes', 'Largest memory usage so far in bytes', memory],
  ['memory_rss', 'Size of RSS in bytes', ({ usage }) => usage.rssBytes],
  ['memory_swap', 'Swap in use in bytes', none],
  ['memory_usage_bytes', 'Memory in use in bytes, whenever it was last touched', memory],
  ['memory_working_set_bytes', 'Current working set in bytes', memory],
  ['processes', 'Number of processes running inside the container', ({ usage }) => usage.processes],
  ['sockets', 'Open sockets of all processes', none],
  [
    'spec_cpu_period',
    'Period of CPU time in microseconds',
    limit(({ cpu_period }) => Number(cpu_period) || CPU_PERIOD_MICROSECONDS),
  ],
  ['spec_cpu_quota', 'CPU time in a period in microseconds; 0 for no limit', limit(({ cpu_quota }) => cpu_quota)],
  ['spec_cpu_shares', 'Weight of CPU time', limit(({ cpu_shares }) => Number(cpu_shares) || CPU_SHARES)],
  [
    'spec_memory_limit_bytes',
    'Limit of memory in bytes; 0 for none',
    limit(({ memory_limit_in_bytes }) => memory_limit_in_bytes),
  ],
  ['spec_memory_reservation_limit_bytes', 'Reserved memory in bytes; 0 for none', none],
  [
    'spec_memory_swap_limit_bytes',
    'Limit of memory and swap in bytes; 0 for none',
    limit(({ memory_swap_limit_in_bytes }) => memory_swap_limit_in_bytes),
  ],
  ['threads', 'Number of threads running inside the container', ({ usage }) => usage.processes],
  ['threads_max', 'Number of threads that may run inside the container; 0 for no limit', none],
  ['ulimits_soft', 'Soft limits of the first process', () => 1_048_576, { ulimit: 'max_open_files' }],
];

const COUNTERS: readonly Row<Measured>[] = [
  ['blkio_device_usage_total', 'Bytes read from and written to a device', none, { ...DEVICE, operation: 'Read' }],
  ['cpu_cfs_periods_total', 'Periods in which the limit of CPU time was in force', none],
  ['cpu_cfs_throttled_periods_total', 'Periods in which the limit of CPU time was reached', none],
  ['cpu_cfs_throttled_seconds_total', 'Time for which the container was throttled in seconds', none],
  ['cpu_system_seconds_total', 'CPU time in the kernel in seconds', none],
  [
    'cpu_usage_seconds_total',
    'CPU time in seconds',
    ({ usage }) => usage.cpuNanoseconds / NANOSECONDS,
    { cpu: 'total' },
  ],
  [
    'cpu_user_seconds_total',
    'CPU time outside of the kernel in seconds',
    ({ usage }) => usage.cpuNanoseconds / NANOSECONDS,
  ],
  ['fs_reads_bytes_total', 'Bytes read', none, DEVICE],
  ['fs_reads_total', 'Reads that have ended', none, DEVICE],
  ['fs_writes_bytes_total', 'Bytes written', writtenBytes, DEVICE],
  ['fs_writes_total', 'Writes that have ended', (one) => files(one).size, DEVICE],
  ['memory_failcnt', 'Times that the limit of memory was reached', none],
  ['memory_failures_total', 'Page faults', none, { failure_type: 'pgfault', scope: 'container' }],
  ['oom_events_total', 'Processes killed for want of memory', none],
  ...['cpu', 'io', 'memory'].flatMap((resource): Row<Measured>[] => [
    [
      `pressure_${resource}_stalled_seconds_total`,
      `Time for which all processes waited for ${resource}, seconds`,
      none,
    ],
    [`pressure_${resource}_waiting_seconds_total`, `Time for which some process waited for ${resource}, seconds`, none],
  ]),
];

const TRAFFIC: readonly Row<void>[] = ['receive', 'transmit'].flatMap((direction): Row<void>[] => [
  [`network_${direction}_bytes_total`, `Bytes in the direction ${direction}`, none, INTERFACE],
  [`network_${direction}_errors_total`, `Errors in the direction ${direction}`, none, INTERFACE],
  [`network_${direction}_packets_dropped_total`, `Packets dropped in the direction ${direction}`, none, INTERFACE],
  [`network_${direction}_packets_total`, `Packets in the direction ${direction}`, none, INTERFACE],
]);

const measures = <From>(type: Measure<From>['type'], rows: readonly Row<From>[]): Measure<From>[] =>
  rows.map(([name, help, value, labels = {}]) => ({ name: `container_${name}`, help, type, value, labels }));

/** The metrics of every container. */
export const CONTAINER_MEASURES = [...measures('GAUGE', GAUGES), ...measures('COUNTER', COUNTERS)];

/** The network metrics of a pod, whose containers share one network. They are 0, because no traffic is simulated. */
export const POD_MEASURES = measures('COUNTER', TRAFFIC);
