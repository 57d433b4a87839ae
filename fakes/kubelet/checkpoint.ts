// Checkpoints one container: finds it, names the archive and calls the runtime. responses.ts turns the outcome into HTTP.
import path from 'node:path';
import type { Clock } from '../base/clock';
import { NANOSECONDS_PER_SECOND, nanosecondsOf } from '../go/duration';
import { CriError } from '../go/grpc/errors';
import { parseInt64 } from '../go/integers';
import type { RuntimeClient } from './cri/runtime-client';
import { findRunningContainer, hasContainer, type PodTable } from './lookup';
import { archiveName, checkpointsDirectory, type Stamp } from './naming';

/** The checkpoint that a client requests. */
export interface CheckpointRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** All values of the query parameter `timeout`, in order. */
  readonly timeouts: readonly string[];
}

export type CheckpointRefusal =
  | { readonly kind: 'no-pod' }
  | { readonly kind: 'no-container'; readonly container: string }
  | { readonly kind: 'bad-timeout' }
  | {
      readonly kind: 'failed';
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
      readonly reason: string;
    };

export type CheckpointOutcome = { readonly kind: 'done'; readonly location: string } | CheckpointRefusal;

/** The parts and settings of a kubelet that a checkpoint uses. */
export interface CheckpointContext {
  readonly pods: PodTable;
  readonly runtime: RuntimeClient;
  readonly rootDirectory: string;
  /** Default timeout of a CRI call, nanoseconds. */
  readonly requestTimeout: bigint;
  readonly clock: Clock;
  readonly stamp?: Stamp | undefined;
  /** Called for a CRI call that the kubelet refuses to send. A kubelet counts such calls in its metrics. */
  readonly unsent?: (method: 'CheckpointContainer') => void;
}

/**
 * Checkpoints one container. Makes its checks in a kubelet's order.
 * @param disconnect the signal is aborted when the client disconnects
 * @returns the archive's path, or why no archive was made
 */
export async function checkpoint(
  context: CheckpointContext,
  request: CheckpointRequest,
  disconnect: { readonly signal: AbortSignal },
): Promise<CheckpointOutcome> {
  const { namespace, container } = request;
  const pod = context.pods.find(namespace, request.pod);
  if (!pod) return { kind: 'no-pod' };
  if (!hasContainer(pod, container)) return { kind: 'no-container', container };
  const last = request.timeouts.at(-1);
  const seconds = last === undefined ? 0n : parseInt64(last);
  if (seconds === undefined) return { kind: 'bad-timeout' };
  const failed = (reason: string): CheckpointRefusal => ({
    kind: 'failed',
    namespace,
    pod: pod.name,
    container,
    reason,
  });
  try {
    const { signal } = disconnect;
    const timeout = context.requestTimeout;
    const id = await findRunningContainer(context.runtime, { namespace, pod: pod.name, container }, timeout, signal);
    if (id === undefined) return failed(`container ${container} not found`);
    if (seconds < 0n) {
      context.unsent?.('CheckpointContainer');
      return failed('CheckpointContainer requires the timeout value to be > 0');
    }
    const location = path.join(
      checkpointsDirectory(context.rootDirectory),
      archiveName(pod.name, namespace, container, context.clock.now(), context.stamp),
    );
    // The client can make the timeout longer but not shorter. The request to the runtime contains the timeout that
    // applies.
    const shortest = timeout / NANOSECONDS_PER_SECOND;
    const isLonger = seconds > shortest;
    await context.runtime.call(
      'CheckpointContainer',
      { container_id: id, location, timeout: String(isLonger ? seconds : shortest) },
      { timeout: isLonger ? nanosecondsOf(seconds) : timeout, signal },
    );
    return { kind: 'done', location };
  } catch (error) {
    if (error instanceof CriError) return failed(error.message);
    throw error;
  }
}
