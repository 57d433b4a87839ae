// The interface between a simulated program and its process.
import type { Machine } from '../machine/machine';

/** What a program can use. */
export interface ProgramContext {
  readonly machine: Machine;
  /** Milliseconds since the epoch. */
  readonly now: number;
  out(text: string): void;
  error(text: string): void;
}

/** Returns the exit code. */
export type ShellProgram = (args: readonly string[], context: ProgramContext) => number;
