// Several checkpoints of one container at the same time: which of them may begin, and which of them fail.
import type { Clock } from '../../base/clock';
import { pause, Turns } from '../../base/waiting';
import type { CheckpointPolicy } from './checkpoint-policy';

/** A call that may checkpoint its container. */
export interface Admission {
  /** Call it when the container has been resumed. Throws if the call fails because others came meanwhile. */
  captured(): void;
  /** Call it when the call ends, whatever happens. */
  end(): void;
}

const nothing = () => {};

export class ConcurrentCalls {
  readonly #policy: CheckpointPolicy;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  /** Of the calls that were admitted: their ends, by container. */
  readonly #ends = new Map<string, Promise<void>>();
  /** How many calls have come since the first one, by container. */
  readonly #arrivals = new Map<string, number>();

  constructor(policy: CheckpointPolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /** Settles when the call may begin. Rejects with the policy's error, or with the reason of an abort. */
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

  /** Admits the first call; the others fail when it has ended. */
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

  /** Admits a call that others spoil until its container is resumed; they fail after the time that a dump takes. */
  async #alone(containerId: string, signal: AbortSignal): Promise<Admission> {
    const position = (this.#arrivals.get(containerId) ?? 0) + 1;
    this.#arrivals.set(containerId, position);
    if (position > 1) {
      await pause(this.#clock, this.#policy.prepareMs + this.#policy.dumpMs, signal);
      throw this.#error(containerId, position);
    }
    let isCaptured = false;
    /** The calls that have come until now; later ones are counted anew. */
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
