// Provides clocks for the fakes: the system clock by default, and a clock that tests advance manually.

/** A source of time and timers for the fakes. */
export interface Clock {
  /** Returns the time in milliseconds since the epoch, with or without a fraction. */
  now(): number;
  /**
   * Runs an action once.
   *
   * @param ms delay in milliseconds, of any length
   * @returns a function that cancels the timer
   */
  after(ms: number, action: () => void): () => void;
}

/** The longest delay of `setTimeout`, milliseconds. If a delay is longer, `setTimeout` runs the action at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, action) {
    if (ms === Number.POSITIVE_INFINITY) return () => {};
    let left = ms;
    let timer: NodeJS.Timeout;
    const arm = () => {
      const step = Math.min(left, MAX_TIMER_MS);
      left -= step;
      timer = setTimeout(() => (left > 0 ? arm() : action()), step);
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** A clock that moves only when a test advances it. The timers that become due then run in their order. */
export class ManualClock implements Clock {
  readonly #timers = new Map<object, { due: number; action: () => void }>();
  #now: number;

  /** @param now the initial time, milliseconds since the epoch */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): () => void {
    const key = {};
    this.#timers.set(key, { due: this.#now + ms, action });
    return () => void this.#timers.delete(key);
  }

  /** The number of timers that have not run yet. */
  get pending(): number {
    return this.#timers.size;
  }

  /**
   * Moves the clock forward and runs the timers that become due.
   *
   * @param ms duration, milliseconds
   */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.due <= end).sort(([, a], [, b]) => a.due - b.due)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = due[1].due;
      due[1].action();
    }
    this.#now = end;
  }
}
