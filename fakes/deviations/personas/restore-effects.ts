// How personas restore, and how they refuse to start what was restored.
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../base/cri-call';
import type { RestoreSupport } from '../../runtime/checkpoint/restore-rules';
import type { ContainerView, RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import type { Effects } from '../deviation';

/** Restores by these rules, refuses to restore, or takes a path for the name of an image. */
export const restores = (restore: RestoreSupport): Effects => ({
  runtime: (options) => ({ ...options, restore: options.restore ?? restore }),
});

/** Refuses to start a container that was recreated from a checkpoint where `refusal` has something to say of it. */
export const startOfRestored = (
  runtime: () => RuntimeControl,
  refusal: (container: ContainerView) => string | undefined,
): Effects => ({
  runtimeCri: onMethod('StartContainer', async (call, next) => {
    const found = runtime().container(call.request.container_id);
    const message = found?.restored ? refusal(found) : undefined;
    if (message !== undefined) throw new StatusError(status.UNKNOWN, message);
    return next(call);
  }),
});
