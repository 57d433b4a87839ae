// Computes the resource usage of simulated containers from their age and from the memory of their programs.
import type { ContainerStatsInit } from '../../../proto/types/runtime/v1/ContainerStats';
import type { PodSandboxStatsInit } from '../../../proto/types/runtime/v1/PodSandboxStats';
import { nanoseconds } from '../../go/time';
import { isLivePhase } from '../state/state';
import type { Container, Sandbox } from '../state/store';
import type { Runtime } from './context';

/** CPU time that a running container uses, in nanoseconds per second. */
const NANO_CORES = 1_000_000n;
/** Memory of each process, bytes: about as much as a shell or `sleep` needs. */
const PROCESS_BYTES = 330_000;
/** Page cache, bytes: the part of the used memory that does not belong to processes. */
const CACHE_BYTES = 450_560;
const PAGE = 4096;

export interface Usage {
  readonly cpuNanoseconds: bigint;
  readonly memoryBytes: number;
  readonly rssBytes: number;
  readonly processes: number;
}

/**
 * Returns what a container has used until now. All numbers are 0 after its processes have ended.
 * @param now current time, nanoseconds since the epoch, as digits
 */
export function usageOf({ phase, workload, startedAt }: Container, now: string): Usage {
  if (!isLivePhase(phase)) return { cpuNanoseconds: 0n, memoryBytes: 0, rssBytes: 0, processes: 0 };
  const processes = workload?.processes ?? [];
  const allocated = processes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const rssBytes = allocated + processes.length * PROCESS_BYTES;
  const age = BigInt(now) - BigInt(startedAt);
  return {
    cpuNanoseconds: ((age < 0n ? 0n : age) * NANO_CORES) / 1_000_000_000n,
    memoryBytes: Math.ceil((rssBytes + CACHE_BYTES) / PAGE) * PAGE,
    rssBytes,
    processes: processes.length,
  };
}

const number = (value: number | bigint) => ({ value: String(value) });

function cpuAndMemory(usages: readonly Usage[], timestamp: string, limit: number) {
  const sum = (pick: (usage: Usage) => number) => usages.reduce((total, usage) => total + pick(usage), 0);
  const memory = sum(({ memoryBytes }) => memoryBytes);
  const cpu = usages.reduce((total, { cpuNanoseconds }) => total + cpuNanoseconds, 0n);
  return {
    cpu: {
      timestamp,
      usage_core_nano_seconds: number(cpu),
      usage_nano_cores: number(NANO_CORES * BigInt(usages.length)),
    },
    memory: {
      timestamp,
      working_set_bytes: number(memory),
      // The memory limit minus the working set, bytes; 0 if there is no limit.
      available_bytes: number(Math.max(0, limit - memory)),
      usage_bytes: number(memory),
      rss_bytes: number(sum(({ rssBytes }) => rssBytes)),
      page_faults: number(Math.ceil(memory / PAGE)),
      major_page_faults: number(0),
    },
  };
}

/** Returns the stats of one container. They contain CPU and memory only if the container is running. */
export function containerStats(container: Container, { clock, stateDirectory }: Runtime): ContainerStatsInit {
  const { id, config, machine, resources } = container;
  const timestamp = nanoseconds(clock.now());
  const used = [...machine.files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const limit = Number(resources?.memory_limit_in_bytes ?? 0);
  return {
    attributes: { id, metadata: config.metadata, labels: config.labels, annotations: config.annotations },
    ...(isLivePhase(container.phase) && cpuAndMemory([usageOf(container, timestamp)], timestamp, limit)),
    writable_layer: {
      timestamp,
      fs_id: { mountpoint: stateDirectory },
      used_bytes: number(used),
      inodes_used: number(machine.files.size),
    },
  };
}

/** Returns the stats of one sandbox and its running containers. */
export function podStats(sandbox: Sandbox, runtime: Runtime): PodSandboxStatsInit {
  const { id, config, containers } = sandbox;
  const timestamp = nanoseconds(runtime.clock.now());
  const running = [...containers].filter(({ phase }) => isLivePhase(phase));
  const usages = running.map((container) => usageOf(container, timestamp));
  const none = { rx_bytes: number(0), rx_errors: number(0), tx_bytes: number(0), tx_errors: number(0) };
  return {
    attributes: { id, metadata: config.metadata, labels: config.labels, annotations: config.annotations },
    linux: {
      ...cpuAndMemory(usages, timestamp, 0),
      network: { timestamp, default_interface: { name: 'eth0', ...none }, interfaces: [] },
      // Also count the sandbox's pause process.
      process: { timestamp, process_count: number(1 + usages.reduce((sum, { processes }) => sum + processes, 0)) },
      containers: running.map((container) => containerStats(container, runtime)),
    },
  };
}
