// Defines how runtimes differ when they checkpoint a container, and how the reference persona does it.
import { REFERENCE_WRITING, type WritingPolicy } from '../../archive/writing/writing-policy';
import { RuntimeError } from '../state/runtime-error';

/** A call that fails because another checkpoint of the same container is in progress. */
export interface ConcurrentCall {
  readonly containerId: string;
  /** Position of the call among the concurrent calls: 1 for the first call, 2 for the second call, and so on. */
  readonly position: number;
  /** Current time, milliseconds since the epoch. */
  readonly now: number;
}

export interface CheckpointPolicy extends WritingPolicy {
  /** Whether the location is checked before the container is paused, or only when the archive is written. */
  readonly locationCheck: 'first' | 'last';
  /** Whether an empty location is refused, or is a success without an archive. */
  readonly emptyLocation: 'refused' | 'no-archive';
  /** Whether the log is copied while the container is paused, or after it has been running again for some time. */
  readonly log: 'before-resume' | { readonly msAfterResume: number };
  /** What happens when the deadline passes, or the client disconnects, while the container is paused. */
  readonly onDeadline: 'resumes' | 'stays-frozen' | 'archive-appears';
  /** What happens to several calls for one container at the same time. */
  readonly concurrentCalls: 'queue' | 'one-wins' | 'all-fail';
  /** Whether the request's own `timeout` bounds the call, or has no effect. */
  readonly timeoutField: 'honored' | 'ignored';
  /** Time between the call and the pause, milliseconds. */
  readonly prepareMs: number;
  /** Duration of the pause in addition to the time for the container's memory, milliseconds. */
  readonly dumpMs: number;
  /** Returns the error of a call that fails because of other calls. */
  concurrentError(call: ConcurrentCall): Error;
}

export const REFERENCE_CHECKPOINT: CheckpointPolicy = {
  ...REFERENCE_WRITING,
  locationCheck: 'first',
  emptyLocation: 'refused',
  log: 'before-resume',
  onDeadline: 'resumes',
  concurrentCalls: 'queue',
  timeoutField: 'honored',
  prepareMs: 0,
  dumpMs: 0,
  concurrentError: ({ containerId }) =>
    new RuntimeError('wrong-state', `another checkpoint of container "${containerId}" is in progress`),
};
