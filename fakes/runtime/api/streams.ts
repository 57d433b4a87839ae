// Handlers of the streaming calls: six lists that are sent in parts, and the events.
import type { CriRequest } from '../../../proto/load';
import type { CriStreamCall, CriStreamMethod } from '../../base/cri-call';
import type { StreamHandlers } from '../grpc/calls';
import type { Runtime } from './context';
import { filterContainers, filterImages, filterSandboxes } from './filters';
import { podMetrics } from './metrics';
import { chosenContainerStats, chosenPodStats } from './stats-calls';
import { containerItem, imageItem, sandboxItem } from './views';

/** Maximum number of entries in one message of a streamed list. */
const ENTRIES_PER_MESSAGE = 500;

/** Splits a list into parts that are sent as one message each. An empty list has no parts. */
function* parts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += ENTRIES_PER_MESSAGE) {
    yield items.slice(start, start + ENTRIES_PER_MESSAGE);
  }
}

const requestOf = <M extends CriStreamMethod>(_method: M, { request }: CriStreamCall) => request as CriRequest<M>;

/** Returns the handlers of these calls. */
export function streams(runtime: Runtime): StreamHandlers {
  const { store, events, settings } = runtime;
  return {
    GetContainerEvents: ({ signal }) => events.subscribe(signal),
    *StreamContainers(call) {
      const { filter } = requestOf('StreamContainers', call);
      for (const part of parts(filterContainers(store, filter))) yield { containers: part.map(containerItem) };
    },
    *StreamPodSandboxes(call) {
      const { filter } = requestOf('StreamPodSandboxes', call);
      for (const part of parts(filterSandboxes(store, filter))) yield { pod_sandboxes: part.map(sandboxItem) };
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
