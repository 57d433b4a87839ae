// Defines how containerd treats containers that are not running. The standard allows this behavior, which was found in
// the source of containerd.
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../base/cri-call';
import type { RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import { RuntimeError } from '../../runtime/state/runtime-error';
import type { Effects } from '../deviation';

/**
 * Fails a ContainerStats call for a container that is not running: containerd reads the stats of a task, and such a
 * container has no task.
 */
export const statsNeedATask = (runtime: () => RuntimeControl): Effects => ({
  runtimeCri: onMethod('ContainerStats', async (call, next) => {
    const found = runtime().container(call.request.container_id);
    if (!found || found.state === 'CONTAINER_RUNNING') return next(call);
    throw new StatusError(status.UNKNOWN, 'unexpected metrics response: []');
  }),
});

/** Makes an update of the limits of an exited container succeed without any effect, as in containerd. */
export const limitsOfTheEnded: Effects = {
  runtimeCri: onMethod('UpdateContainerResources', (call, next) =>
    next(call).catch((error: unknown) => {
      if (error instanceof RuntimeError && error.reason === 'wrong-state') return {};
      throw error;
    }),
  ),
};
