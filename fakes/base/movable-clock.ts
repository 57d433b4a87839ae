// A clock that goes on by itself and can be moved: what is due runs when time is moved over it.
import type { Clock } from './clock';

interface Timer {
  /** By the clock that only goes forward. */
  readonly due: number;
  readonly action: () => void;
  cancel: () => void;
}

export class MovableClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  /** What was moved forward so far; timers go by it (ms). */
  #moved = 0;
  /** What the shown time differs by from that (ms). */
  #shift = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#steady() + this.#shift;
  }

  after(ms: number, action: () => void): () => void {
    const timer: Timer = { due: this.#steady() + ms, action, cancel: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }

  /** Moves time forward by `ms` milliseconds; what falls due runs, in its order. */
  advance(ms: number): void {
    const end = this.#steady() + ms;
    for (let next = this.#earliest(); next && next.due <= end; next = this.#earliest()) {
      this.#moved += Math.max(0, next.due - this.#steady());
      next.cancel();
      this.#run(next);
    }
    this.#moved += Math.max(0, end - this.#steady());
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  /**
   * Makes it this time (ms since the epoch). Forward, it is as if the time had passed; back, only what the clock shows
   * changes, and what was to happen in a minute still does.
   */
  set(now: number): void {
    const ahead = now - this.now();
    if (ahead >= 0) this.advance(ahead);
    else this.#shift += ahead;
  }

  /** Shows the time of the clock beneath again. */
  reset(): void {
    this.#shift = -this.#moved;
  }

  #earliest(): Timer | undefined {
    let found: Timer | undefined;
    for (const timer of this.#timers) if (!found || timer.due < found.due) found = timer;
    return found;
  }

  #steady(): number {
    return this.#base.now() + this.#moved;
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer);
    timer.action();
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#base.after(Math.max(0, timer.due - this.#steady()), () => this.#run(timer));
  }
}
