// Makes effects that determine how a persona restores containers, and when it refuses to start a restored container.
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../base/cri-call';
import type { RestoreSupport } from '../../runtime/checkpoint/restore-rules';
import type { ContainerView, RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import type { Effects } from '../deviation';

/** Makes effects that set how a runtime restores, unless the runtime's options already set it. */
export const restores = (restore: RestoreSupport): Effects => ({
  runtime: (options) => ({ ...options, restore: options.restore ?? restore }),
});

/** Makes effects that refuse to start a restored container if `refusal` returns an error for it. */
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
