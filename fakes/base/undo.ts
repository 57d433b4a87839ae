// Clean-up in reverse order.

/** Collects the steps that undo what was done, and runs them in reverse order. */
export class Undo {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #running: Promise<void> | undefined;

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /**
   * Remembers to close a part.
   * @param part a part that was opened; undefined if there was nothing to open
   * @returns the part
   */
  use<Part extends { close(): Promise<void> | void } | undefined>(part: Part): Part {
    if (part) this.add(() => part.close());
    return part;
  }

  /** Takes every step, whatever becomes of the others; throws the first failure at the end. A second call waits for the first. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
