// For mutants of the runtime: moves the log of a container to another path than the requested one.
import { randomUUID } from 'node:crypto';
import type { CriCall } from '../../../base/cri-call';

/** Returns the request with another log path. */
export function withLogElsewhere(call: CriCall<'CreateContainer'>): CriCall<'CreateContainer'> {
  const { config } = call.request;
  return { ...call, request: { ...call.request, config: config && { ...config, log_path: `${randomUUID()}.log` } } };
}
