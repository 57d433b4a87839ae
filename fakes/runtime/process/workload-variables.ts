// Keeps the variables of a shell, and the memory that they use.
import { heldBytes } from '../shell/expand';
import type { Word } from '../shell/shell-words';
import type { ProcessState } from './workload-state';

const NONE: ReadonlyMap<string, string> = new Map();

export class Variables {
  // The texts by variable name. The map is created with the first variable, because thousands of processes have none.
  #texts: Map<string, string> | undefined;
  /** The memory that each variable uses in addition to its text, by variable name, bytes. */
  #held: Map<string, number> | undefined;

  get texts(): ReadonlyMap<string, string> {
    return this.#texts ?? NONE;
  }

  /** Memory that the script allocated on purpose, bytes. */
  get memoryBytes(): number {
    let sum = 0;
    for (const bytes of this.#held?.values() ?? []) sum += bytes;
    return sum;
  }

  /**
   * Sets a variable.
   * @param value the word that the text was expanded from
   */
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
