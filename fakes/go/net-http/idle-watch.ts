// Ends what was idle for too long. A connection turns idle thousands of times a second, so that this costs no timer each time.

export class IdleWatch {
  #since = 0;
  #isIdle = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param longestMs real time after which it is too long
   * @param onLong runs once
   */
  constructor(
    readonly longestMs: number,
    readonly onLong: () => void,
  ) {}

  begin(): void {
    this.#isIdle = true;
    this.#since = performance.now();
    this.#timer ??= this.#look(this.longestMs);
  }

  end(): void {
    this.#isIdle = false;
  }

  #look(afterMs: number): NodeJS.Timeout {
    const look = () => {
      this.#timer = undefined;
      if (!this.#isIdle) return;
      const left = this.longestMs - (performance.now() - this.#since);
      if (left > 0) this.#timer = this.#look(left);
      else this.onLong();
    };
    return setTimeout(look, Math.ceil(afterMs)).unref();
  }

  close(): void {
    this.#isIdle = false;
    clearTimeout(this.#timer);
  }
}
