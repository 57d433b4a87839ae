// Defines behavior of CRI-O that the standard allows: calls that succeed or report more than in other runtimes.

import { onMethod } from '../../base/cri-call';
import { RuntimeError } from '../../runtime/state/runtime-error';
import type { Effects } from '../deviation';

/** If a name is already used, CRI-O returns the id of the existing container or sandbox. This was measured. */
export const sameNameSameId: Effects = {
  runtimeCri: async (call, next) => {
    try {
      return await next(call);
    } catch (error) {
      const holder =
        error instanceof RuntimeError && error.reason === 'taken' ? /"([^"]*)"$/.exec(error.message)?.[1] : '';
      if (holder && call.method === 'CreateContainer') return { container_id: holder };
      if (holder && call.method === 'RunPodSandbox') return { pod_sandbox_id: holder };
      throw error;
    }
  },
};

/** If a command exceeds its timeout, CRI-O returns a result and no error. This was measured. */
export const timeoutIsAnAnswer: Effects = {
  runtimeCri: onMethod('ExecSync', (call, next) =>
    next(call).catch((error: unknown) => {
      const late = error instanceof RuntimeError && error.reason === 'deadline-passed' && !call.signal.aborted;
      if (!late) throw error;
      return { stdout: Buffer.alloc(0), stderr: Buffer.from('command timed out'), exit_code: -1 };
    }),
  ),
};

/** A sandbox has the labels of its own infrastructure container. This was measured. */
export const sandboxesAreContainers: Effects = {
  runtimeCri: onMethod('RunPodSandbox', (call, next) => {
    const { config } = call.request;
    if (!config) return next(call);
    const labels = { ...config.labels, 'io.kubernetes.container.name': 'POD' };
    return next({ ...call, request: { ...call.request, config: { ...config, labels } } });
  }),
};

/** The part of a verbose status about the restore, for a container that was not restored. */
const NOT_RESTORED = { restored: false, checkpointedAt: '0001-01-01T00:00:00Z' };

/**
 * Adds to the verbose status of every container whether it was restored. This was measured for restored containers and
 * deduced for others.
 */
export const reportsRestores: Effects = {
  runtimeCri: onMethod('ContainerStatus', async (call, next) => {
    const answer = await next(call);
    const text = answer.info?.['info'];
    if (text === undefined) return answer;
    return { ...answer, info: { ...answer.info, info: JSON.stringify({ ...NOT_RESTORED, ...JSON.parse(text) }) } };
  }),
};

/**
 * Reports the features of CRI-O: two OCI runtimes, and user namespaces for pods in the host network. This was measured.
 */
export const ownFeatures: Effects = {
  runtimeCri: onMethod('Status', async (call, next) => {
    const answer = await next(call);
    return { ...answer, features: { ...answer.features, user_namespaces_host_network: true } };
  }),
  runtime: (options) => ({ ...options, handlers: options.handlers ?? ['crun', 'runc'] }),
};
