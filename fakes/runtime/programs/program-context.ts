// The interface between a simulated program and its process.
import type { Machine } from '../machine/machine';

/** Everything that a simulated program can use. */
export interface ProgramContext {
  readonly machine: Machine;
  /** Current time, milliseconds since the epoch. */
  readonly now: number;
  out(text: string): void;
  error(text: string): void;
}

/** A simulated program. Returns the exit code. */
export type ShellProgram = (args: readonly string[], context: ProgramContext) => number;
