// What containerd does with containers that do not run: liberties, not defects. Read.
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../base/cri-call';
import type { RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import { RuntimeError } from '../../runtime/state/runtime-error';
import type { Effects } from '../deviation';

/** Measures are those of a task, and there is none. */
export const statsNeedATask = (runtime: () => RuntimeControl): Effects => ({
  runtimeCri: onMethod('ContainerStats', async (call, next) => {
    const found = runtime().container(call.request.container_id);
    if (!found || found.state === 'CONTAINER_RUNNING') return next(call);
    throw new StatusError(status.UNKNOWN, 'unexpected metrics response: []');
  }),
});

/** Limits of what has ended are no error; they hold for nothing any more. */
export const limitsOfTheEnded: Effects = {
  runtimeCri: onMethod('UpdateContainerResources', (call, next) =>
    next(call).catch((error: unknown) => {
      if (error instanceof RuntimeError && error.reason === 'wrong-state') return {};
      throw error;
    }),
  ),
};
