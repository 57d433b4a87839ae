// What a workload is made of, what it tells, and what can be seen of its processes.
import type { SnapshotUnixSocket } from '../../archive/snapshot';
import type { Machine } from '../machine/machine';
import type { filesOf, Stream } from './output';
import type { Program } from './program';
import type { ProcessState } from './workload-state';

/** What a workload tells the container it belongs to. */
export interface WorkloadEvents {
  /** Text may end anywhere in a line. */
  write(stream: Stream, text: string): void;
  exit(code: number): void;
  /** Called when the program waits for the first time, or has ended without waiting. */
  begun?(): void;
}

/** A process, as far as its program knows it. */
export interface ProcessView {
  readonly pid: number;
  readonly parentPid: number;
  readonly arguments: readonly string[];
  /** Bytes of memory that it holds on purpose. */
  readonly memoryBytes: number;
  readonly plantedStrings: readonly string[];
  readonly openFiles: ReturnType<typeof filesOf>;
  /** Absent where it has none. */
  readonly unixSockets?: readonly SnapshotUnixSocket[];
  /** All that it needs to go on elsewhere; what only sleeps on behalf of its parent has none. */
  readonly state?: ProcessState;
}

/** A process that is taken up where another one stood still. */
export interface ResumedProcess {
  readonly pid: number;
  readonly state: ProcessState;
}

export interface WorkloadParts {
  readonly machine?: Machine;
  /** What the script was made from; without it the workload cannot be taken up elsewhere. */
  readonly program?: Program;
  readonly argv?: readonly string[];
  /** Default: 1, the first process. */
  readonly pid?: number;
  readonly parentPid?: number;
}
