// Rules about the kubelet's metrics. The specs compare values before and after a request, because other clients may
// have made requests too.

import { observed } from '../catalogue/sources';
import { duringCheckpoint } from '../steps/during-checkpoint';
import { ABSENT, checkpointPath } from '../steps/kubelet-request';
import { metricsOf, type Samples } from '../steps/metric-samples';
import { expectEqual } from '../subject/expect';
import { group } from '../subject/spec';
import type { Node } from '../subject/subject';

const OPERATION = { operation_type: 'checkpoint_container' };
const POSTED = { method: 'POST', path: 'checkpoint', server_type: 'readwrite' };

const TOTAL = 'kubelet_runtime_operations_total';
const ERRORS = 'kubelet_runtime_operations_errors_total';
const DURATIONS = 'kubelet_runtime_operations_duration_seconds_count';
const REQUESTS = 'kubelet_http_requests_total';
const INFLIGHT = 'kubelet_http_inflight_requests';

/** Runs an action and returns a function that returns how much a metric increased. */
async function growth(node: Node, action: () => Promise<unknown>): Promise<(name: string, labels: object) => number> {
  const before = await metricsOf(node);
  await action();
  const after = await metricsOf(node);
  const sum = (samples: Samples, name: string, labels: object) => samples.sum(name, { ...labels });
  return (name, labels) => sum(after, name, labels) - sum(before, name, labels);
}

export const metricSpecs = group('kubelet/metrics', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'success-counts-one-operation',
    title: 'A successful checkpoint counts one checkpoint_container operation and no error',
    source: observed('metrics'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-counts-no-checkpoints': 'total' },
    async check({ node }) {
      const usual = await node();
      const grown = await growth(usual, () => usual.checkpoint(usual.running));
      expectEqual('total', grown(TOTAL, OPERATION), 1, 'A successful checkpoint: the growth of the operations counter');
      expectEqual('errors', grown(ERRORS, OPERATION), 0, 'A successful checkpoint: the growth of the errors counter');
    },
  },
  {
    id: 'runtime-error-counts-as-one',
    title: 'A checkpoint that fails in the runtime counts one operation and one error',
    source: observed('metrics'),
    needs: ['runtime-faults'],
    mutants: { 'kubelet-counts-no-checkpoints': 'total', 'kubelet-counts-no-errors': 'errors' },
    async check({ node }) {
      const usual = await node();
      const fault = { abort: { code: 'INTERNAL', message: 'made up: no' } };
      const grown = await growth(usual, () => usual.whileRuntime(fault, () => usual.checkpoint(usual.running)));
      expectEqual('total', grown(TOTAL, OPERATION), 1, 'A failed checkpoint: the growth of the operations counter');
      expectEqual('errors', grown(ERRORS, OPERATION), 1, 'A failed checkpoint: the growth of the errors counter');
    },
  },
  {
    id: 'refused-counts-no-operation',
    title: 'A request that the kubelet refuses counts no operation and no error',
    source: observed('metrics'),
    mutants: {
      'kubelet-get-checkpoints': 'total',
      'kubelet-counts-refused': 'total',
      'kubelet-timeout-garbage-accepted': 'total',
      'kubelet-authentication-skipped': 'total',
    },
    async check({ node }) {
      const usual = await node();
      const { checkpoint, request, running, exited } = usual;
      const grown = await growth(usual, async () => {
        await checkpoint({ ...running, pod: ABSENT });
        await checkpoint({ ...running, container: ABSENT });
        await checkpoint(exited);
        await checkpoint(running, 'timeout=abc');
        await request({ method: 'GET', target: checkpointPath(running) });
        await request({ method: 'POST', target: checkpointPath(running), credentials: 'none' });
      });
      expectEqual('total', grown(TOTAL, OPERATION), 0, 'Six refused requests: the growth of the operations counter');
      expectEqual('errors', grown(ERRORS, OPERATION), 0, 'Six refused requests: the growth of the errors counter');
    },
  },
  {
    id: 'duration-is-observed-once',
    title: 'A checkpoint adds one observation to the operation durations',
    source: observed('metrics'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-counts-no-checkpoints': 'durations' },
    async check({ node }) {
      const usual = await node();
      const grown = await growth(usual, () => usual.checkpoint(usual.running));
      expectEqual(
        'durations',
        grown(DURATIONS, OPERATION),
        1,
        'A checkpoint: the growth of the count of observed durations',
      );
    },
  },
  {
    id: 'requests-count-under-checkpoint',
    title: 'Every POST counts one HTTP request with the path label checkpoint, even if it is refused',
    source: observed('metrics'),
    mutants: { 'kubelet-counts-checkpoints-under-others': 'requests' },
    async check({ node }) {
      const usual = await node();
      const { checkpoint, running } = usual;
      const grown = await growth(usual, async () => {
        await checkpoint(running);
        await checkpoint({ ...running, pod: ABSENT });
      });
      expectEqual(
        'requests',
        grown(REQUESTS, POSTED),
        2,
        'Two POST requests: the growth of the requests counter with the path label checkpoint',
      );
    },
  },
  {
    id: 'inflight-while-it-lasts',
    title: 'A checkpoint counts as an in-flight request only while it is in progress',
    source: observed('metrics'),
    needs: ['runtime-faults', 'call-log'],
    mutants: {
      'kubelet-goes-on-without-its-client': 'after',
      'kubelet-counts-checkpoints-under-others': 'inflight',
      'kubelet-counts-none-in-flight': 'inflight',
      'kubelet-in-flight-for-ever': 'after',
    },
    async check({ node, until }) {
      const usual = await node();
      const inflight = async () => (await metricsOf(usual)).sum(INFLIGHT, POSTED);
      const before = await inflight();
      await duringCheckpoint(usual, until, async () => {
        expectEqual(
          'inflight',
          (await inflight()) - before,
          1,
          'During a checkpoint the number of additional in-flight requests',
        );
      });
      await until('after', inflight, (count) => count === before, {
        expected: `${before} in-flight requests, as before`,
        actual: (count, seconds) =>
          `${seconds} s after the client of a checkpoint disconnected the gauge of in-flight requests is ${count}`,
      });
    },
  },
]);
