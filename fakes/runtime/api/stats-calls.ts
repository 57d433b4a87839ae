// Handlers of the calls about the resource usage of containers and sandboxes.
import type { ContainerStatsFilter } from '../../../proto/types/runtime/v1/ContainerStatsFilter';
import type { PodSandboxStatsFilter } from '../../../proto/types/runtime/v1/PodSandboxStatsFilter';
import type { UnaryHandlers } from '../grpc/calls';
import { RuntimeError } from '../state/runtime-error';
import { isLivePhase } from '../state/state';
import type { Runtime } from './context';
import { filterContainers, filterSandboxes } from './filters';
import { metricDescriptors, podMetrics } from './metrics';
import { containerStats, podStats } from './stats';

/**
 * Yields the stats of the running containers that match a filter. The stats of each container are computed when they
 * are read.
 */
export const chosenContainerStats = (runtime: Runtime, filter: ContainerStatsFilter | null) =>
  filterContainers(runtime.store, filter && { ...filter, state: null })
    .filter(({ phase }) => isLivePhase(phase))
    .map((container) => () => containerStats(container, runtime));

/**
 * Yields the stats of the ready sandboxes that match a filter. The stats of each sandbox are computed when they are
 * read.
 */
export const chosenPodStats = (runtime: Runtime, filter: PodSandboxStatsFilter | null) =>
  filterSandboxes(runtime.store, filter && { ...filter, state: null })
    .filter(({ phase }) => phase === 'ready')
    .map((sandbox) => () => podStats(sandbox, runtime));

/** Returns the handlers of these calls. */
export function statsCalls(runtime: Runtime): UnaryHandlers {
  const { store } = runtime;
  return {
    ContainerStats: ({ request }) => ({ stats: containerStats(store.container(request.container_id), runtime) }),
    ListContainerStats: ({ request }) => ({
      stats: chosenContainerStats(runtime, request.filter).map((stats) => stats()),
    }),
    PodSandboxStats: ({ request }) => {
      const sandbox = store.sandbox(request.pod_sandbox_id);
      if (sandbox.phase !== 'ready') throw new RuntimeError('wrong-state', `sandbox "${sandbox.id}" is not ready`);
      return { stats: podStats(sandbox, runtime) };
    },
    ListPodSandboxStats: ({ request }) => ({ stats: chosenPodStats(runtime, request.filter).map((stats) => stats()) }),
    ListMetricDescriptors: () => ({ descriptors: metricDescriptors }),
    ListPodSandboxMetrics: () => ({
      pod_metrics: filterSandboxes(store, null).map((sandbox) => podMetrics(sandbox, runtime)),
    }),
  };
}
