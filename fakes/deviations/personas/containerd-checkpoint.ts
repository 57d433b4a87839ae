// Defines how containerd 2.1 checkpoints containers, as measured on 2.1.9.
import { status } from '@grpc/grpc-js';
import type { CheckpointPolicy, ConcurrentCall } from '../../runtime/checkpoint/checkpoint-policy';
import { StatusError } from '../../runtime/grpc/errors';
import { differencesOf, WRITTEN_IN_PLACE } from './findings';

const two = (number: number) => String(number).padStart(2, '0');

/** Returns the end of a checkpoint image's name: month-day-year-hours:minutes:seconds, in UTC. */
function imageTime(ms: number): string {
  const now = new Date(ms);
  const day = `${two(now.getUTCMonth() + 1)}-${two(now.getUTCDate())}-${now.getUTCFullYear()}`;
  return `${day}-${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}`;
}

/**
 * Returns the error for one of several concurrent checkpoints of a container. The calls share a scratch directory and
 * an image name. The second call finds the image that the first call made in the same second. All other calls find that
 * the directory was removed.
 */
function concurrentError({ containerId, position, now }: ConcurrentCall): Error {
  if (position === 2)
    return new StatusError(
      status.ALREADY_EXISTS,
      `checkpointing container "${containerId}" failed: image "containerd.io/checkpoint/${containerId}:${imageTime(now)}": already exists`,
    );
  return new StatusError(
    status.UNKNOWN,
    `open /var/lib/containerd/io.containerd.grpc.v1.cri/containers/${containerId}/ctrd-checkpoint/status: no such file or directory`,
  );
}

export const CONTAINERD_CHECKPOINT: Partial<CheckpointPolicy> = {
  ...differencesOf(['frozen-after-deadline', 'log-ahead', ...WRITTEN_IN_PLACE]),
  // A new call does not affect a call that is already writing its archive.
  concurrentCalls: 'all-fail',
  concurrentError,
};
