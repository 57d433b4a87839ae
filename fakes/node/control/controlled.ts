// Defines what the control address controls: a node, or a runtime without a kubelet.

import type { MovableClock } from '../../base/movable-clock';
import type { Faults } from '../../faults/faults';
import type { HttpRecord } from '../../kubelet/request-log';
import type { CheckpointImage } from '../../runtime/checkpoint/checkpoint-image';
import type { RuntimeView } from '../../runtime/control';
import type { CallRecord } from '../../runtime/grpc/call-log';

/** The namespace and the name of a pod. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** The state of a node, as plain data. */
export interface NodeState {
  readonly persona: string;
  readonly runtime: RuntimeView & { readonly endpoint: string };
  readonly kubelet?: { readonly url: string; readonly rootDirectory: string; readonly pods: readonly PodName[] };
}

/** Control of a node for tests: its clock, its faults, its logs and its pods. */
export interface Controlled {
  readonly clock: MovableClock;
  readonly faults: Faults;
  /** Returns the CRI calls since the start or the last reset. */
  calls(): readonly CallRecord[];
  /** Returns the HTTP requests since the start or the last reset, in the order in which they ended. */
  requests(): readonly HttpRecord[];
  /** Returns the state of the runtime and, if there is one, of the kubelet. */
  state(): NodeState;
  /**
   * Sets how long a checkpoint pauses a container, until the next reset.
   * @param millisecondsPerMiB milliseconds for each MiB of the container's memory
   */
  setCheckpointTime(millisecondsPerMiB: number): void;
  /**
   * Adds an image made from a checkpoint archive, until the next reset.
   * @throws UserError if the file is not a checkpoint archive
   */
  addCheckpointImage(image: CheckpointImage): Promise<void>;
  /** Restores the initial state. */
  reset(): Promise<void>;
  /**
   * Adds the pods of a manifest.
   * @param requirePath throws a UserError if the pods must not use a path of the host. Default: all paths are allowed
   * @returns the names of the pods
   * @throws UserError if the manifest is not valid, or if there is no kubelet
   */
  addPod(manifest: string, requirePath?: (file: string) => void): Promise<readonly PodName[]>;
  /**
   * Removes a pod. Returns false if it does not exist.
   * @throws UserError if there is no kubelet
   */
  removePod(namespace: string, name: string): Promise<boolean>;
}
