// What a program that is simulated sees of its surroundings, and what it is.
import type { Machine } from '../machine/machine';

/** What a program sees. */
export interface ProgramContext {
  readonly machine: Machine;
  /** Milliseconds since the epoch. */
  readonly now: number;
  out(text: string): void;
  error(text: string): void;
}

/** Answers with the exit code. */
export type ShellProgram = (args: readonly string[], context: ProgramContext) => number;
