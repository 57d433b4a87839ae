// Moves the log of a container to a path that was not requested, for mutants of the runtime.
import { randomUUID } from 'node:crypto';
import type { CriCall } from '../../../base/cri-call';

/** Returns the request with a different log path. */
export function withLogElsewhere(call: CriCall<'CreateContainer'>): CriCall<'CreateContainer'> {
  const { config } = call.request;
  return { ...call, request: { ...call.request, config: config && { ...config, log_path: `${randomUUID()}.log` } } };
}
