// Provides a clock that runs in real time and can also be moved.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock';
import { UserError } from './user-error';

interface Timer {
  /** Time at which the timer is due, in this clock's own time, which never goes back. */
  readonly due: number;
  readonly action: () => void;
  cancel: () => void;
}

/**
 * The latest time that CRI can express, milliseconds since the epoch. CRI counts nanoseconds since the epoch in 64
 * bits.
 */
const MAX_TIME = Math.floor(2 ** 63 / 1e6);
/**
 * Maximum number of timers that run at their own times during a move. If more timers are due, the clock jumps to the
 * end of the move.
 */
const MAX_TIMERS = 100_000;
const TIMERS_PER_TURN = 1000;

/**
 * A clock that follows another clock and can be moved. The timers that become due during a move run at their own times.
 * If there are too many (for example, if a loop sleeps for a second and the move is a month), the clock jumps to the
 * end of the move, and each timer that is still due runs once.
 */
export class MovableClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  /** How far the clock has been moved forward, milliseconds. It also applies to timers. */
  #moved = 0;
  /** Additional difference of the reported time, milliseconds. It does not apply to timers. */
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
   * @param ms duration, milliseconds
   * @throws UserError if `ms` is not a duration, or the new time would be after the year 2262
   */
  advance(ms: number): void {
    const end = this.#endOf(ms);
    this.#runUntil(end, MAX_TIMERS);
    this.#jump(end);
  }

  /**
   * Moves the clock forward like `advance`, but in many turns of the event loop, so that other work can run in between.
   */
  async advanceInTurns(ms: number): Promise<void> {
    const end = this.#endOf(ms);
    for (let count = 0; count < MAX_TIMERS; count += TIMERS_PER_TURN) {
      if (this.#runUntil(end, TIMERS_PER_TURN)) break;
      await setImmediate();
    }
    this.#jump(end);
  }

  /**
   * Sets the time. A later time is reached as by `advance`. An earlier time changes only what `now` returns: a timer
   * that was due in a minute is still due in a minute.
   *
   * @param now new time, milliseconds since the epoch
   * @throws UserError if the time is not between the years 1970 and 2262
   */
  set(now: number): void {
    const ahead = this.#distanceTo(now);
    if (ahead >= 0) this.advance(ahead);
    else this.#shift += ahead;
  }

  /** Sets the time like `set`, but in many turns of the event loop, so that other work can run in between. */
  async setInTurns(now: number): Promise<void> {
    const ahead = this.#distanceTo(now);
    if (ahead >= 0) await this.advanceInTurns(ahead);
    else this.#shift += ahead;
  }

  /** Makes `now` return the time of the base clock again. Timers that have run do not run again. */
  reset(): void {
    this.#shift = -this.#moved;
  }

  #distanceTo(now: number): number {
    if (now >= 0 && now <= MAX_TIME) return now - this.now();
    throw new UserError(`set: ${now} ms is not a time between the years 1970 and 2262`);
  }

  /** Returns the clock's time after a move by a number of milliseconds. */
  #endOf(ms: number): number {
    if (ms >= 0 && this.now() + ms <= MAX_TIME) return this.#steady() + ms;
    throw new UserError(`advance: by ${ms} ms the clock cannot be moved: give 0 or more, up to the year 2262`);
  }

  /**
   * Runs at most `max` timers that are due before a time.
   * @returns whether no due timer is left
   */
  #runUntil(end: number, max: number): boolean {
    for (let count = 0; ; count++) {
      const next = this.#earliest();
      if (!next || next.due > end) return true;
      if (count === max) return false;
      this.#moved += Math.max(0, next.due - this.#steady());
      next.cancel();
      this.#run(next);
    }
  }

  /** Moves the clock to a time and runs each timer that is due by then once. */
  #jump(end: number): void {
    this.#moved += Math.max(0, end - this.#steady());
    for (const timer of [...this.#timers]) {
      if (!this.#timers.has(timer)) continue;
      timer.cancel();
      if (timer.due <= end) this.#run(timer);
      else this.#arm(timer);
    }
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
