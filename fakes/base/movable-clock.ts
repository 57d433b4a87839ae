// A clock that runs in real time and can also be moved.
import type { Clock } from './clock';

interface Timer {
  /** Time in this clock's own count, which never goes back. */
  readonly due: number;
  readonly action: () => void;
  cancel: () => void;
}

/** A clock that runs like another one and can be moved. Timers that a move passes over run during the move. */
export class MovableClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  /** How far the clock has been moved forward, in milliseconds. It applies to timers too. */
  #moved = 0;
  /** Further difference of the reported time, in milliseconds. It does not apply to timers. */
  #shift = 0;

  /** @param base the clock that provides the time until this one is moved */
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

  /**
   * Moves the clock forward and runs the timers that become due, in their order.
   *
   * @param ms milliseconds
   */
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
   * Sets the time. A later time is reached as by `advance`. An earlier time changes only what `now` returns: a timer
   * that was due in a minute is still due in a minute.
   *
   * @param now milliseconds since the epoch
   */
  set(now: number): void {
    const ahead = now - this.now();
    if (ahead >= 0) this.advance(ahead);
    else this.#shift += ahead;
  }

  /** Makes `now` return the time of the base clock again. Timers that have run do not run again. */
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
