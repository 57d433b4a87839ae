// Metrics of containers in the names that cAdvisor gave them, as ListPodSandboxMetrics has them.
import type { MetricDescriptorInit } from '../../proto/types/runtime/v1/MetricDescriptor';
import type { PodSandboxMetricsInit } from '../../proto/types/runtime/v1/PodSandboxMetrics';
import type { Runtime } from './calls';
import { isAlive } from './state';
import { type Usage, usageOf } from './stats';
import type { Container, Sandbox } from './store';
import { nanoseconds } from './time';
import { imageName } from './views';

interface Measure {
  readonly name: string;
  readonly help: string;
  readonly type: 'COUNTER' | 'GAUGE';
  readonly value: (usage: Usage, container: Container, now: string) => number | bigint;
}

const NANOSECONDS = 1_000_000_000n;

const MEASURES: readonly Measure[] = [
  {
    name: 'container_last_seen',
    help: 'Last time a container was seen by the exporter',
    type: 'GAUGE',
    value: (_usage, _container, now) => BigInt(now) / NANOSECONDS,
  },
  {
    name: 'container_start_time_seconds',
    help: 'Start time of the container since unix epoch in seconds',
    type: 'GAUGE',
    value: (_usage, { startedAt }) => BigInt(startedAt) / NANOSECONDS,
  },
  {
    name: 'container_cpu_usage_seconds_total',
    help: 'Cumulative cpu time consumed in seconds',
    type: 'COUNTER',
    value: ({ cpuNanoseconds }) => cpuNanoseconds / NANOSECONDS,
  },
  {
    name: 'container_memory_usage_bytes',
    help: 'Current memory usage in bytes, including all memory regardless of when it was accessed',
    type: 'GAUGE',
    value: ({ memoryBytes }) => memoryBytes,
  },
  {
    name: 'container_memory_working_set_bytes',
    help: 'Current working set in bytes',
    type: 'GAUGE',
    value: ({ memoryBytes }) => memoryBytes,
  },
  {
    name: 'container_memory_rss',
    help: 'Size of RSS in bytes',
    type: 'GAUGE',
    value: ({ rssBytes }) => rssBytes,
  },
  {
    name: 'container_processes',
    help: 'Number of processes running inside the container',
    type: 'GAUGE',
    value: ({ processes }) => processes,
  },
];

const LABEL_KEYS = ['id', 'image', 'namespace', 'pod', 'container'];

/** What ListMetricDescriptors says, in the order of the metrics. */
export const metricDescriptors: MetricDescriptorInit[] = MEASURES.map(({ name, help }) => ({
  name,
  help,
  label_keys: LABEL_KEYS,
}));

/** The metrics of the running containers of a sandbox. */
export function podMetrics(sandbox: Sandbox, { clock }: Runtime): PodSandboxMetricsInit {
  const timestamp = nanoseconds(clock.now());
  const pod = sandbox.config.metadata;
  const running = [...sandbox.containers].filter(({ phase }) => isAlive(phase));
  return {
    pod_sandbox_id: sandbox.id,
    metrics: [],
    container_metrics: running.map((container) => {
      const usage = usageOf(container, timestamp);
      const name = container.config.metadata?.name ?? '';
      const label_values = [container.id, imageName(container), pod?.namespace ?? '', pod?.name ?? '', name];
      return {
        container_id: container.id,
        metrics: MEASURES.map((measure) => ({
          name: measure.name,
          timestamp,
          metric_type: measure.type,
          label_values,
          value: { value: String(measure.value(usage, container, timestamp)) },
        })),
      };
    }),
  };
}
