// Determines which of several concurrent checkpoints of one container may start and which of them fail.
import type { Clock } from '../../base/clock';
import { pause, Turns } from '../../base/waiting';
import type { CheckpointPolicy } from './checkpoint-policy';

/** The admission of a call, which may then checkpoint its container. */
export interface Admission {
  /** Must be called when the container has been resumed. Throws if the call fails because of concurrent calls. */
  captured(): void;
  /** Must be called when the call ends, even if it fails. */
  end(): void;
}

const nothing = () => {};

/** Applies the part of the checkpoint policy that is about concurrent calls. */
export class ConcurrentCalls {
  readonly #policy: CheckpointPolicy;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  /** By container: a promise that resolves when the admitted call ends. */
  readonly #ends = new Map<string, Promise<void>>();
  /** By container: the number of calls since the admitted call started. */
  readonly #arrivals = new Map<string, number>();

  constructor(policy: CheckpointPolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /**
   * Waits until the call may start.
   * @throws the policy's error if the call fails because of other calls; the signal's reason on abort
   */
  async enter(containerId: string, signal: AbortSignal): Promise<Admission> {
    switch (this.#policy.concurrentCalls) {
      case 'queue':
        return { captured: nothing, end: await this.#turns.take(containerId, signal) };
      case 'one-wins':
        return this.#first(containerId);
      case 'all-fail':
        return this.#alone(containerId, signal);
    }
  }

  #error(containerId: string, position: number): Error {
    return this.#policy.concurrentError({ containerId, position, now: this.#clock.now() });
  }

  /** Admits the first call. All other calls fail when the first call has ended. */
  async #first(containerId: string): Promise<Admission> {
    const other = this.#ends.get(containerId);
    if (other) {
      await other;
      throw this.#error(containerId, 2);
    }
    let end = nothing;
    this.#ends.set(
      containerId,
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    return {
      captured: nothing,
      end: () => {
        this.#ends.delete(containerId);
        end();
      },
    };
  }

  /**
   * Admits the first call at once. If other calls arrive before this call has resumed the container, all of them fail.
   * The other calls fail after the duration of a dump.
   */
  async #alone(containerId: string, signal: AbortSignal): Promise<Admission> {
    const position = (this.#arrivals.get(containerId) ?? 0) + 1;
    this.#arrivals.set(containerId, position);
    if (position > 1) {
      await pause(this.#clock, this.#policy.prepareMs + this.#policy.dumpMs, signal);
      throw this.#error(containerId, position);
    }
    let isCaptured = false;
    /** Closes the group of concurrent calls. Later calls start a new group. */
    const close = () => {
      const arrivals = isCaptured ? 1 : (this.#arrivals.get(containerId) ?? 1);
      if (!isCaptured) this.#arrivals.delete(containerId);
      isCaptured = true;
      return arrivals;
    };
    return {
      captured: () => {
        if (close() > 1) throw this.#error(containerId, position);
      },
      end: close,
    };
  }
}
