// Limits of a container in the three shapes in which an archive tells them.
import type { GoValue } from './go-json';
import type { ContainerSnapshot, SnapshotResources } from './snapshot';

/** What a kubelet gives a container that asks for nothing. */
const BEST_EFFORT: SnapshotResources = { cpuPeriod: 100000, cpuShares: 2, oomScoreAdj: 1000 };

export function resourcesOf(snapshot: ContainerSnapshot): SnapshotResources {
  return snapshot.resources ?? BEST_EFFORT;
}

/** Zero is not written (`omitempty`). */
const set = (value: number | undefined) => value || undefined;

/** Where only memory is limited, there is no swap beside it. */
export function swapLimit({ memoryLimitInBytes, memorySwapLimitInBytes }: SnapshotResources): number | undefined {
  return set(memorySwapLimitInBytes) ?? set(memoryLimitInBytes);
}

/** As the CRI message looks in Go's JSON. */
export function criResources(snapshot: ContainerSnapshot): GoValue {
  const limits = resourcesOf(snapshot);
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
export function ociResources(snapshot: ContainerSnapshot): GoValue {
  const limits = resourcesOf(snapshot);
  const devices = [{ allow: false, access: 'rwm' }];
  if (Object.keys(limits).length === 0) return { devices };
  return {
    devices,
    memory: { limit: set(limits.memoryLimitInBytes), swap: swapLimit(limits) },
    cpu: { shares: set(limits.cpuShares), quota: set(limits.cpuQuota), period: set(limits.cpuPeriod) },
  };
}
