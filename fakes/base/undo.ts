// Cleans up in reverse order.

/** Collects the steps that undo what was done, and runs them in reverse order. */
export class Undo {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #running: Promise<void> | undefined;

  /** Adds a step, which runs before all earlier steps. */
  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /**
   * Adds the closing of a part as a step.
   *
   * @param part a part that was opened; undefined if there was nothing to open
   * @returns the part
   */
  use<Part extends { close(): Promise<void> | void } | undefined>(part: Part): Part {
    if (part) this.add(() => part.close());
    return part;
  }

  /**
   * Runs every step once, even if others fail. Later calls wait for the first call and have the same result.
   *
   * @throws the first error, after all steps have run
   */
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
