// What the control address works on: a node or a runtime alone, as plain calls.

import type { MovableClock } from '../../base/movable-clock';
import type { Faults } from '../../faults/faults';
import type { HttpRecord } from '../../kubelet/request-log';
import type { CheckpointImage } from '../../runtime/checkpoint/checkpoint-image';
import type { RuntimeView } from '../../runtime/control';
import type { CallRecord } from '../../runtime/grpc/call-log';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

export interface NodeState {
  readonly persona: string;
  readonly runtime: RuntimeView & { readonly endpoint: string };
  readonly kubelet?: { readonly url: string; readonly rootDirectory: string; readonly pods: readonly PodName[] };
}

export interface Controlled {
  readonly clock: MovableClock;
  readonly faults: Faults;
  /** CRI calls since the start or the last reset. */
  calls(): readonly CallRecord[];
  /** HTTP requests since the start or the last reset, in the order of their ends. */
  requests(): readonly HttpRecord[];
  state(): NodeState;
  /** How long a container stands still per MiB of its memory while it is checkpointed (ms), until the next reset. */
  setCheckpointTime(millisecondsPerMiB: number): void;
  /** Adds an image made from the archive of a checkpoint, until the next reset. Throws a UserError where it is none. */
  addCheckpointImage(image: CheckpointImage): Promise<void>;
  /** Back to how it was started. */
  reset(): Promise<void>;
  /** Takes up the pods of a manifest. Throws a UserError where that cannot be. */
  addPod(manifest: string): Promise<readonly PodName[]>;
  /** False where there is no such pod. Throws a UserError where there is no kubelet. */
  removePod(namespace: string, name: string): Promise<boolean>;
}
