// Waits for a time, for a turn in a queue, or for the event loop. An abort ends the first two kinds of waiting.
import type { Clock } from './clock';

/**
 * Waits for a time.
 *
 * @param ms duration, milliseconds by the given clock
 * @throws the reason of the signal when it is aborted, immediately if it is already aborted
 */
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

/** A queue for each key. Each key has only one holder at a time, in the order of the calls. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Waits for a turn.
   * @returns a function that ends the turn
   * @throws the reason of the signal when it is aborted; the caller then has no turn to end
   */
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

/** Lets one caller continue in each turn of the event loop, in the order of the calls. */
export class LoopTurns {
  readonly #waiting: (() => void)[] = [];

  /**
   * Waits for a later turn of the event loop. By then, Node has read the data that had arrived before the call, and has
   * sent the data that had been written before the call.
   */
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
