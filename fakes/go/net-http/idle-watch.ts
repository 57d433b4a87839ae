// Detects connections that are idle for too long.

/**
 * Calls a function after a time without activity. A busy connection becomes idle thousands of times per second, so one
 * timer serves many idle periods.
 */
export class IdleWatch {
  #since = 0;
  #isIdle = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param maxMs how long the connection may be idle, milliseconds of real time
   * @param onLong called once, when that time has passed
   */
  constructor(
    readonly maxMs: number,
    readonly onLong: () => void,
  ) {}

  /** Call it when the connection becomes idle. */
  begin(): void {
    this.#isIdle = true;
    this.#since = performance.now();
    this.#timer ??= this.#checkAfter(this.maxMs);
  }

  /** Call it when the connection becomes active again. */
  end(): void {
    this.#isIdle = false;
  }

  #checkAfter(afterMs: number): NodeJS.Timeout {
    const check = () => {
      this.#timer = undefined;
      if (!this.#isIdle) return;
      const left = this.maxMs - (performance.now() - this.#since);
      if (left > 0) this.#timer = this.#checkAfter(left);
      else this.onLong();
    };
    return setTimeout(check, Math.ceil(afterMs)).unref();
  }

  /** Stops watching. */
  close(): void {
    this.#isIdle = false;
    clearTimeout(this.#timer);
  }
}
