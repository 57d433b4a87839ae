// For mutants of the runtime: a log that is not where the request wants it.
import { randomUUID } from 'node:crypto';
import type { CriCall } from '../../../base/cri-call';

/** The same creation with another path for the log. */
export function withLogElsewhere(call: CriCall<'CreateContainer'>): CriCall<'CreateContainer'> {
  const { config } = call.request;
  return { ...call, request: { ...call.request, config: config && { ...config, log_path: `${randomUUID()}.log` } } };
}
