// What a process runs, as its command line: enough to make the script again in another place.
import type { Script } from '../shell/instruction';
import { inTurn, recognise } from '../shell/script';

export interface Program {
  /** A command line that runs before the own one, if there is one. */
  readonly first?: readonly string[];
  readonly own: readonly string[];
}

/** The instructions of a program. */
export function scriptOf({ first, own }: Program): Script {
  const script = recognise(own);
  const before = first && recognise(first);
  return before ? inTurn(before, script) : script;
}
