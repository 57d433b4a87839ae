// The variables of a shell, and the memory that they hold.
import { heldBytes } from '../shell/expand';
import type { Word } from '../shell/shell-words';
import type { ProcessState } from './workload-state';

const NONE: ReadonlyMap<string, string> = new Map();

export class Variables {
  // Made when there is something in them: thousands of processes have no variables.
  #texts: Map<string, string> | undefined;
  /** Bytes that variables hold beyond their text, by name. */
  #held: Map<string, number> | undefined;

  get texts(): ReadonlyMap<string, string> {
    return this.#texts ?? NONE;
  }

  /** Bytes of memory that are held on purpose. */
  get memoryBytes(): number {
    let sum = 0;
    for (const bytes of this.#held?.values() ?? []) sum += bytes;
    return sum;
  }

  /** @param value what the text was made from */
  set(name: string, text: string, value: Word): void {
    this.#texts ??= new Map();
    this.#texts.set(name, text);
    const bytes = heldBytes(value);
    if (bytes === 0 && !this.#held) return;
    this.#held ??= new Map();
    this.#held.set(name, bytes);
  }

  get state(): Pick<ProcessState, 'variables' | 'held'> {
    return { variables: [...this.texts], held: [...(this.#held ?? [])] };
  }

  resume({ variables, held }: Pick<ProcessState, 'variables' | 'held'>): void {
    if (variables.length > 0) this.#texts = new Map(variables);
    if (held.length > 0) this.#held = new Map(held);
  }
}
