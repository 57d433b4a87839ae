// Keeps the metrics that a checkpoint changes, with the names, labels and buckets of a kubelet.
import { Counter, exponentialBuckets, Gauge, Histogram, Registry } from 'prom-client';
import type { CriUnaryMethod } from '../../../proto/load';
import type { CriWrapper } from '../../base/cri-call';
import type { HttpWrapper } from '../../go/net-http/exchange';
import { exposition } from '../../go/prometheus';

/** Default buckets of Prometheus' Go library, seconds. */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const OPERATION_BUCKETS = exponentialBuckets(0.005, 2.5, 14);
const HTTP_LABELS = ['long_running', 'method', 'path', 'server_type'] as const;
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

/** Returns the label of a CRI method: its words in lower case, but `RunPodSandbox` is `run_podsandbox`. */
const operationOf = (method: string) =>
  method
    .replace('PodSandbox', 'Podsandbox')
    .replace(/(?<=.)([A-Z])/g, '_$1')
    .toLowerCase();

export interface KubeletMetrics {
  /**
   * Returns an interceptor that counts requests.
   * @param serverType label of the port
   * @param pathLabels first segments of the paths that are served; all other paths are labeled `others`
   */
  http(serverType: 'readwrite' | 'readonly', pathLabels: ReadonlySet<string>): HttpWrapper;
  /** Counts CRI calls. */
  readonly cri: CriWrapper;
  /** Counts a CRI call that failed before it was sent. */
  unsent(method: CriUnaryMethod): void;
  /** Returns all metrics in Prometheus' text format. */
  text(): Promise<string>;
}

function httpFamilies(registers: Registry[]) {
  const labelNames = HTTP_LABELS;
  return {
    inflight: new Gauge({
      name: 'kubelet_http_inflight_requests',
      help: '[ALPHA] Number of the inflight http requests',
      labelNames,
      registers,
    }),
    duration: new Histogram({
      name: 'kubelet_http_requests_duration_seconds',
      help: '[ALPHA] Duration in seconds to serve http requests',
      labelNames,
      registers,
      buckets: HTTP_BUCKETS,
    }),
    total: new Counter({
      name: 'kubelet_http_requests_total',
      help: '[ALPHA] Number of the http requests received since the server started',
      labelNames,
      registers,
    }),
  };
}

function operationFamilies(registers: Registry[]) {
  const labelNames = ['operation_type'] as const;
  return {
    duration: new Histogram({
      name: 'kubelet_runtime_operations_duration_seconds',
      help: '[ALPHA] Duration in seconds of runtime operations. Broken down by operation type.',
      labelNames,
      registers,
      buckets: OPERATION_BUCKETS,
    }),
    errors: new Counter({
      name: 'kubelet_runtime_operations_errors_total',
      help: '[ALPHA] Cumulative number of runtime operation errors by operation type.',
      labelNames,
      registers,
    }),
    total: new Counter({
      name: 'kubelet_runtime_operations_total',
      help: '[ALPHA] Cumulative number of runtime operations by operation type.',
      labelNames,
      registers,
    }),
  };
}

const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** Creates the metrics of one kubelet, which all start at zero. */
export function kubeletMetrics(): KubeletMetrics {
  const registry = new Registry();
  const http = httpFamilies([registry]);
  const operations = operationFamilies([registry]);

  /** Returns the metrics for one combination of labels. Caches them, because binding labels is slow. */
  const bound = (() => {
    const known = new Map<string, ReturnType<typeof bind>>();
    const bind = (method: string, path: string, server_type: string) => {
      const labels = { long_running: 'false', method, path, server_type };
      return {
        inflight: http.inflight.labels(labels),
        duration: http.duration.labels(labels),
        total: http.total.labels(labels),
      };
    };
    return (method: string, path: string, serverType: string) => {
      const key = `${method} ${path} ${serverType}`;
      const found = known.get(key) ?? bind(method, path, serverType);
      known.set(key, found);
      return found;
    };
  })();

  const names = new Map<string, string>();
  const nameOf = (method: string) => {
    const name = names.get(method) ?? operationOf(method);
    names.set(method, name);
    return name;
  };

  return {
    http: (serverType, pathLabels) => async (request, next) => {
      const first = /^\/([^/?]*)/.exec(request.target)?.[1] ?? '';
      const method = METHODS.has(request.method) ? request.method : 'OTHER';
      const families = bound(method, pathLabels.has(first) ? first : 'others', serverType);
      const start = performance.now();
      families.total.inc();
      families.inflight.inc();
      try {
        return await next(request);
      } finally {
        families.inflight.dec();
        families.duration.observe(secondsSince(start));
      }
    },
    cri: async (call, next) => {
      const labels = { operation_type: nameOf(call.method) };
      const start = performance.now();
      operations.total.inc(labels);
      try {
        return await next(call);
      } catch (error) {
        operations.errors.inc(labels);
        throw error;
      } finally {
        operations.duration.observe(labels, secondsSince(start));
      }
    },
    unsent(method) {
      const labels = { operation_type: nameOf(method) };
      operations.total.inc(labels);
      operations.errors.inc(labels);
      operations.duration.observe(labels, 0);
    },
    text: () => exposition(registry),
  };
}
