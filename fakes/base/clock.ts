// Time, handed in: real by default, moved by hand in tests.

/** What a fake asks of time. */
export interface Clock {
  /** Milliseconds since the epoch; may have a fraction. */
  now(): number;
  /** Runs `action` once after `ms` milliseconds, however many; the returned function takes it back. */
  after(ms: number, action: () => void): () => void;
}

/** setTimeout holds at most 2^31-1 ms and fires at once above it. */
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

/** A clock that stands still until it is moved; due timers run in order while it moves. */
export class ManualClock implements Clock {
  readonly #timers = new Map<object, { due: number; action: () => void }>();
  #now: number;

  /** Starts at `now`, milliseconds since the epoch. */
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

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time forward by `ms` milliseconds. */
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
