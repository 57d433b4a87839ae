// The calls that stream: the six lists in parts, and the events.
import type { CriRequest } from '../../../proto/load';
import type { CriStreamCall, CriStreamMethod } from '../../base/cri-call';
import type { Streams } from '../grpc/calls';
import type { Runtime } from './context';
import { filterContainers, filterImages, filterSandboxes } from './filters';
import { containerPart, parts, sandboxPart } from './lists';
import { podMetrics } from './metrics';
import { chosenContainerStats, chosenPodStats } from './stats-calls';
import { imageItem } from './views';

const requestOf = <M extends CriStreamMethod>(_method: M, { request }: CriStreamCall) => request as CriRequest<M>;

export function streams(runtime: Runtime): Streams {
  const { store, events, settings } = runtime;
  return {
    GetContainerEvents: ({ signal }) => events.subscribe(signal),
    *StreamContainers(call) {
      const { filter } = requestOf('StreamContainers', call);
      for (const part of parts(filterContainers(store, filter))) yield containerPart(part);
    },
    *StreamPodSandboxes(call) {
      const { filter } = requestOf('StreamPodSandboxes', call);
      for (const part of parts(filterSandboxes(store, filter))) yield sandboxPart(part);
    },
    *StreamContainerStats(call) {
      const { filter } = requestOf('StreamContainerStats', call);
      for (const part of parts(chosenContainerStats(runtime, filter))) {
        yield { container_stats: part.map((stats) => stats()) };
      }
    },
    *StreamPodSandboxStats(call) {
      const { filter } = requestOf('StreamPodSandboxStats', call);
      for (const part of parts(chosenPodStats(runtime, filter))) {
        yield { pod_sandbox_stats: part.map((stats) => stats()) };
      }
    },
    *StreamPodSandboxMetrics() {
      for (const part of parts(filterSandboxes(store, null))) {
        yield { pod_sandbox_metrics: part.map((sandbox) => podMetrics(sandbox, runtime)) };
      }
    },
    *StreamImages(call) {
      const { filter } = requestOf('StreamImages', call);
      for (const part of parts(filterImages(store, filter))) {
        yield { images: part.map((image) => imageItem(image, settings)) };
      }
    },
  };
}
