// Waiting: for time and for one's turn, which end with an abort, and for the event loop.
import type { Clock } from './clock';

/** Settles after `ms` milliseconds; rejects with the reason of an abort, at once where it has happened. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
    signal.addEventListener('abort', aborted, { once: true });
  });
}

/** Lets one at a time in, per key, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Settles with the function that ends the turn; rejects with the reason of an abort and then needs no ending. */
  async take(key: string, signal: AbortSignal): Promise<() => void> {
    const previous = this.#last.get(key) ?? Promise.resolve();
    let end: () => void = () => {};
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    const turn = previous.then(() => mine);
    this.#last.set(key, turn);
    void turn.then(() => {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    });
    try {
      await settledOrAborted(previous, signal);
      return end;
    } catch (reason) {
      end();
      throw reason;
    }
  }
}

function settledOrAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    void promise.then(() => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
  });
}

/** Lets one at a time in per turn of the event loop, in the order in which they came. */
export class LoopTurns {
  readonly #waiting: (() => void)[] = [];

  /** Settles in a later turn of the loop, when what had come in by then was read and what was said has been sent. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#next());
    });
  }

  #next(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}
