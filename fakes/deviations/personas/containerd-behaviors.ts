// Defines how containerd treats containers that are not running, which the standard allows. This was found in its
// source.
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../base/cri-call';
import type { RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import { RuntimeError } from '../../runtime/state/runtime-error';
import type { Effects } from '../deviation';

/** Makes stats of containers that are not running fail: containerd measures a task, and these containers have none. */
export const statsNeedATask = (runtime: () => RuntimeControl): Effects => ({
  runtimeCri: onMethod('ContainerStats', async (call, next) => {
    const found = runtime().container(call.request.container_id);
    if (!found || found.state === 'CONTAINER_RUNNING') return next(call);
    throw new StatusError(status.UNKNOWN, 'unexpected metrics response: []');
  }),
});

/** Accepts new limits for an exited container without effect, as containerd does. */
export const limitsOfTheEnded: Effects = {
  runtimeCri: onMethod('UpdateContainerResources', (call, next) =>
    next(call).catch((error: unknown) => {
      if (error instanceof RuntimeError && error.reason === 'wrong-state') return {};
      throw error;
    }),
  ),
};
