// Updates the resource limits of containers, and converts them to the form in a snapshot.
import type { LinuxContainerResources } from '../../../proto/types/runtime/v1/LinuxContainerResources';
import type { SnapshotResources } from '../../archive/snapshot';

const isUnset = (value: unknown) =>
  value === '0' || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Returns the limits after an update. Zero and empty values in the update mean no change. */
export function updatedResources(
  before: LinuxContainerResources | null,
  update: LinuxContainerResources,
): LinuxContainerResources {
  if (before === null) return update;
  const set = Object.fromEntries(Object.entries(update).filter(([, value]) => !isUnset(value)));
  return { ...before, ...set, unified: { ...before.unified, ...update.unified } };
}

/** Converts limits to the form of a snapshot. The result is empty if no limits are set. */
export function snapshotResources(limits: LinuxContainerResources | null): SnapshotResources {
  if (limits === null) return {};
  return {
    cpuPeriod: Number(limits.cpu_period),
    cpuQuota: Number(limits.cpu_quota),
    cpuShares: Number(limits.cpu_shares),
    memoryLimitInBytes: Number(limits.memory_limit_in_bytes),
    memorySwapLimitInBytes: Number(limits.memory_swap_limit_in_bytes),
    oomScoreAdj: Number(limits.oom_score_adj),
  };
}
