// Converts the resource limits of a container to the forms in an archive.
import type { GoValue } from '../go/json';
import type { ContainerSnapshot, SnapshotResources } from './snapshot';

/** Returns a limit, or undefined for zero, which Go omits (`omitempty`). */
const omitZero = (value: number | undefined) => value || undefined;

/**
 * Returns the limit of memory and swap together. If only memory is limited, the container gets no swap.
 *
 * @returns the limit, bytes; undefined if there is no limit
 */
export function swapLimit({ memoryLimitInBytes, memorySwapLimitInBytes }: SnapshotResources): number | undefined {
  return omitZero(memorySwapLimitInBytes) ?? omitZero(memoryLimitInBytes);
}

/** Returns the CRI message `ContainerResources`, as Go writes it in JSON. */
export function criResources({ resources: limits }: ContainerSnapshot): GoValue {
  return {
    linux: {
      cpu_period: omitZero(limits.cpuPeriod),
      cpu_quota: omitZero(limits.cpuQuota),
      cpu_shares: omitZero(limits.cpuShares),
      memory_limit_in_bytes: omitZero(limits.memoryLimitInBytes),
      oom_score_adj: omitZero(limits.oomScoreAdj),
      memory_swap_limit_in_bytes: swapLimit(limits),
    },
  };
}

/** Returns `linux.resources` of the OCI runtime configuration, as containerd writes it. */
export function ociResources({ resources: limits }: ContainerSnapshot): GoValue {
  const devices = [{ allow: false, access: 'rwm' }];
  if (Object.keys(limits).length === 0) return { devices };
  return {
    devices,
    memory: { limit: omitZero(limits.memoryLimitInBytes), swap: swapLimit(limits) },
    cpu: { shares: omitZero(limits.cpuShares), quota: omitZero(limits.cpuQuota), period: omitZero(limits.cpuPeriod) },
  };
}
