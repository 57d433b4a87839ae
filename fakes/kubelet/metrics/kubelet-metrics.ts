// The metric families that a checkpoint moves, with the labels and buckets of a kubelet.
import type { CriUnaryMethod } from '../../../proto/load';
import type { CriWrapper, HttpWrapper } from '../../wires';
import { exposition } from './exposition';
import { histogramFamily, valueFamily } from './families';

/** Bounds of Prometheus' Go library where nothing else is said (s). */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Fourteen, each two and a half times the one before. */
const OPERATION_BUCKETS = Array.from({ length: 13 }).reduce<number[]>(
  (bounds) => [...bounds, (bounds.at(-1) ?? 0) * 2.5],
  [0.005],
);
const METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
]);

/** `RunPodSandbox` is `run_podsandbox`; all others are taken apart at their capital letters. */
const operationOf = (method: string) =>
  method
    .replace('PodSandbox', 'Podsandbox')
    .replace(/(?<=.)([A-Z])/g, '_$1')
    .toLowerCase();

export interface KubeletMetrics {
  /** Counts what passes; `buckets` are the first segments of the paths that are served. */
  http(serverType: 'readwrite' | 'readonly', buckets: ReadonlySet<string>): HttpWrapper;
  readonly cri: CriWrapper;
  /** Counts a CRI call that failed before it was sent. */
  unsent(method: CriUnaryMethod): void;
  text(): string;
}

const httpFamilies = () => ({
  inflight: valueFamily('gauge', 'kubelet_http_inflight_requests', '[ALPHA] Number of the inflight http requests'),
  duration: histogramFamily(
    'kubelet_http_requests_duration_seconds',
    '[ALPHA] Duration in seconds to serve http requests',
    HTTP_BUCKETS,
  ),
  total: valueFamily(
    'counter',
    'kubelet_http_requests_total',
    '[ALPHA] Number of the http requests received since the server started',
  ),
});

const operationFamilies = () => ({
  duration: histogramFamily(
    'kubelet_runtime_operations_duration_seconds',
    '[ALPHA] Duration in seconds of runtime operations. Broken down by operation type.',
    OPERATION_BUCKETS,
  ),
  errors: valueFamily(
    'counter',
    'kubelet_runtime_operations_errors_total',
    '[ALPHA] Cumulative number of runtime operation errors by operation type.',
  ),
  total: valueFamily(
    'counter',
    'kubelet_runtime_operations_total',
    '[ALPHA] Cumulative number of runtime operations by operation type.',
  ),
});

const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** Metrics of one kubelet, from zero. */
export function kubeletMetrics(): KubeletMetrics {
  const http = httpFamilies();
  const operations = operationFamilies();
  const families = [...Object.values(http), ...Object.values(operations)];

  /** Families with their labels filled in, made once for each combination. */
  const bound = (() => {
    const known = new Map<string, ReturnType<typeof bind>>();
    const bind = (method: string, path: string, server_type: string) => {
      const labels = { long_running: 'false', method, path, server_type };
      return {
        inflight: http.inflight.of(labels),
        duration: http.duration.of(labels),
        total: http.total.of(labels),
      };
    };
    return (method: string, path: string, serverType: string) => {
      const key = `${method} ${path} ${serverType}`;
      const found = known.get(key) ?? bind(method, path, serverType);
      known.set(key, found);
      return found;
    };
  })();

  return {
    http: (serverType, buckets) => async (request, next) => {
      const first = /^\/([^/?]*)/.exec(request.target)?.[1] ?? '';
      const method = METHODS.has(request.method) ? request.method : 'OTHER';
      const series = bound(method, buckets.has(first) ? first : 'others', serverType);
      const start = performance.now();
      series.total.value += 1;
      series.inflight.value += 1;
      try {
        return await next(request);
      } finally {
        series.inflight.value -= 1;
        series.duration.observe(secondsSince(start));
      }
    },
    cri: async (call, next) => {
      const labels = { operation_type: operationOf(call.method) };
      const start = performance.now();
      operations.total.of(labels).value += 1;
      try {
        return await next(call);
      } catch (error) {
        operations.errors.of(labels).value += 1;
        throw error;
      } finally {
        operations.duration.of(labels).observe(secondsSince(start));
      }
    },
    unsent(method) {
      const labels = { operation_type: operationOf(method) };
      operations.total.of(labels).value += 1;
      operations.errors.of(labels).value += 1;
      operations.duration.of(labels).observe(0);
    },
    text: () => exposition(families),
  };
}
