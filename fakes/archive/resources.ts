// Limits of a container in the three shapes in which an archive tells them.
import type { GoValue } from '../go/json';
import type { ContainerSnapshot, SnapshotResources } from './snapshot';

/** Zero is not written (`omitempty`). */
const set = (value: number | undefined) => value || undefined;

/** Where only memory is limited, there is no swap beside it. */
export function swapLimit({ memoryLimitInBytes, memorySwapLimitInBytes }: SnapshotResources): number | undefined {
  return set(memorySwapLimitInBytes) ?? set(memoryLimitInBytes);
}

/** As the CRI message looks in Go's JSON. */
export function criResources({ resources: limits }: ContainerSnapshot): GoValue {
  return {
    linux: {
      cpu_period: set(limits.cpuPeriod),
      cpu_quota: set(limits.cpuQuota),
      cpu_shares: set(limits.cpuShares),
      memory_limit_in_bytes: set(limits.memoryLimitInBytes),
      oom_score_adj: set(limits.oomScoreAdj),
      memory_swap_limit_in_bytes: swapLimit(limits),
    },
  };
}

/** As `linux.resources` of containerd's OCI runtime configuration. */
export function ociResources({ resources: limits }: ContainerSnapshot): GoValue {
  const devices = [{ allow: false, access: 'rwm' }];
  if (Object.keys(limits).length === 0) return { devices };
  return {
    devices,
    memory: { limit: set(limits.memoryLimitInBytes), swap: swapLimit(limits) },
    cpu: { shares: set(limits.cpuShares), quota: set(limits.cpuQuota), period: set(limits.cpuPeriod) },
  };
}
