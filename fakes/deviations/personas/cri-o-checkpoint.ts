// Defines how CRI-O 1.37 checkpoints containers, as measured.
import { status } from '@grpc/grpc-js';
import { rfc3339 } from '../../go/time';
import type { CheckpointPolicy, ConcurrentCall } from '../../runtime/checkpoint/checkpoint-policy';
import { StatusError } from '../../runtime/grpc/errors';
import { differencesOf, WRITTEN_IN_PLACE } from './findings';

/**
 * Returns the error for a concurrent checkpoint of a container. The second call waits until the first call has resumed
 * the container, and then fails to pause the container.
 */
const concurrentError = ({ containerId, now }: ConcurrentCall) =>
  new StatusError(
    status.UNKNOWN,
    `failed to pause container "${containerId}" before checkpointing: \`/usr/bin/runc --root /run/runc pause ${containerId}\` failed: ` +
      `time="${rfc3339(now, 0)}" level=error msg="container not running"\n : container process not found`,
  );

export const CRI_O_CHECKPOINT: Partial<CheckpointPolicy> = {
  ...differencesOf(['archive-after-deadline', 'empty-location', ...WRITTEN_IN_PLACE]),
  concurrentCalls: 'one-wins',
  concurrentError,
};
