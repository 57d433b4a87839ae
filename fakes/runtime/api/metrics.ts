// Makes the metrics of containers and pods for ListMetricDescriptors and ListPodSandboxMetrics.
import type { MetricInit } from '../../../proto/types/runtime/v1/Metric';
import type { MetricDescriptorInit } from '../../../proto/types/runtime/v1/MetricDescriptor';
import type { PodSandboxMetricsInit } from '../../../proto/types/runtime/v1/PodSandboxMetrics';
import { nanoseconds } from '../../go/time';
import { isLivePhase } from '../state/state';
import type { Sandbox } from '../state/store';
import type { Runtime } from './context';
import { CONTAINER_MEASURES, type Measure, POD_MEASURES } from './measures';
import { usageOf } from './stats';
import { imageName } from './views';

/** Labels that every metric has, before its own labels. */
const LABEL_KEYS = ['id', 'image', 'namespace', 'pod', 'container'];

/** The response to ListMetricDescriptors, in the same order as the metrics. */
export const metricDescriptors: MetricDescriptorInit[] = [...CONTAINER_MEASURES, ...POD_MEASURES].map(
  ({ name, help, labels }) => ({ name, help, label_keys: [...LABEL_KEYS, ...Object.keys(labels)] }),
);

/** Returns the metrics of a sandbox and of its running containers. */
export function podMetrics(sandbox: Sandbox, { clock }: Runtime): PodSandboxMetricsInit {
  const timestamp = nanoseconds(clock.now());
  const pod = [sandbox.config.metadata?.namespace ?? '', sandbox.config.metadata?.name ?? ''];
  const metric = (
    { name, type, labels }: Measure<never>,
    shared: readonly string[],
    value: number | bigint,
  ): MetricInit => ({
    name,
    timestamp,
    metric_type: type,
    label_values: [...shared, ...Object.values(labels)],
    value: { value: String(value) },
  });
  const running = [...sandbox.containers].filter(({ phase }) => isLivePhase(phase));
  return {
    pod_sandbox_id: sandbox.id,
    metrics: POD_MEASURES.map((measure) => metric(measure, [sandbox.id, '', ...pod, ''], measure.value())),
    container_metrics: running.map((container) => {
      const measured = { container, usage: usageOf(container, timestamp), now: BigInt(timestamp) };
      const shared = [container.id, imageName(container), ...pod, container.config.metadata?.name ?? ''];
      return {
        container_id: container.id,
        metrics: CONTAINER_MEASURES.map((measure) => metric(measure, shared, measure.value(measured))),
      };
    }),
  };
}
