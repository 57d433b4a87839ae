// Defines the options of a workload, its events, and the view of its processes.
import type { SnapshotUnixSocket } from '../../archive/snapshot';
import type { Machine } from '../machine/machine';
import type { filesOf, Stream } from './output';
import type { Program } from './program';
import type { ProcessState } from './workload-state';

/** Events that a workload sends to its container. */
export interface WorkloadEvents {
  /** Receives output, which may end in the middle of a line. */
  write(stream: Stream, text: string): void;
  exit(code: number): void;
  /** Called when the program waits for the first time, or has ended without waiting. */
  begun?(): void;
  /** Called when a process starts whose program is not supported. The process stays idle until it is stopped. */
  notSimulated?(reason: string): void;
}

/** A view of one process. */
export interface ProcessView {
  readonly pid: number;
  readonly parentPid: number;
  readonly arguments: readonly string[];
  /** Memory that the script allocated on purpose, bytes. */
  readonly memoryBytes: number;
  readonly plantedStrings: readonly string[];
  readonly openFiles: ReturnType<typeof filesOf>;
  /** The process's unix sockets; absent if it has none. */
  readonly unixSockets?: readonly SnapshotUnixSocket[];
  /** The state to resume from after a restore. A process that only runs a parent's `sleep` has none. */
  readonly state?: ProcessState;
}

/** A process in a checkpoint, and the state to resume it from. */
export interface ResumedProcess {
  readonly pid: number;
  readonly state: ProcessState;
}

export interface WorkloadParts {
  readonly machine?: Machine;
  /**
   * The command line from which the script was parsed. Without it, the workload cannot be restored from a checkpoint.
   */
  readonly program?: Program;
  readonly argv?: readonly string[];
  /** PID of the process. Default: 1, the first process. */
  readonly pid?: number;
  readonly parentPid?: number;
}
