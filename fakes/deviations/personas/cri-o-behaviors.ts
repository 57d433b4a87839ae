// What CRI-O answers where other runtimes refuse, and what it tells that they do not: liberties, not defects.

import { onMethod } from '../../base/cri-call';
import { RuntimeError } from '../../runtime/state/runtime-error';
import type { Effects } from '../deviation';

/** A name that is taken is no error: whoever has it is what was asked for. Measured. */
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

/** A command that takes longer than it may is no error. Measured. */
export const timeoutIsAnAnswer: Effects = {
  runtimeCri: onMethod('ExecSync', (call, next) =>
    next(call).catch((error: unknown) => {
      const late = error instanceof RuntimeError && error.reason === 'deadline-passed' && !call.signal.aborted;
      if (!late) throw error;
      return { stdout: Buffer.alloc(0), stderr: Buffer.from('command timed out'), exit_code: -1 };
    }),
  ),
};

/** A sandbox has the label of the container that stands for it. Measured. */
export const sandboxesAreContainers: Effects = {
  runtimeCri: onMethod('RunPodSandbox', (call, next) => {
    const { config } = call.request;
    if (!config) return next(call);
    const labels = { ...config.labels, 'io.kubernetes.container.name': 'POD' };
    return next({ ...call, request: { ...call.request, config: { ...config, labels } } });
  }),
};

/** It comes with two OCI runtimes, and has user namespaces for pods on the node's network. Measured. */
export const ownFeatures: Effects = {
  runtimeCri: onMethod('Status', async (call, next) => {
    const answer = await next(call);
    return { ...answer, features: { ...answer.features, user_namespaces_host_network: true } };
  }),
  runtime: (options) => ({ ...options, handlers: options.handlers ?? ['crun', 'runc'] }),
};
