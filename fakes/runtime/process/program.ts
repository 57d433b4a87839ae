// Defines the command line of a process, from which its script can be parsed again after a restore.
import type { Script } from '../shell/instruction';
import { inTurn, notSupported, recognise } from '../shell/script';

export interface Program {
  /** A command line that runs before the process's own command line. */
  readonly first?: readonly string[];
  readonly own: readonly string[];
}

/** Returns the instructions of a program. */
export function scriptOf({ first, own }: Program): Script {
  const script = recognise(own);
  const before = first && recognise(first);
  return before ? inTurn(before, script) : script;
}

/** Returns why a program cannot be simulated, as a sentence without a period; undefined if it can be simulated. */
export function whyNotSimulated({ first, own }: Program): string | undefined {
  const part = (first && notSupported(first)) ?? notSupported(own);
  return part === undefined ? undefined : `${part} is not supported`;
}
