// Implements a sleep that can be frozen. When it is resumed, it sleeps for the remaining time.
import type { Clock } from '../../base/clock';

/**
 * The end of a sleep (`at`, milliseconds since the epoch), or the remaining time of a frozen sleep (`left`,
 * milliseconds).
 */
type Wake = { readonly at: number } | { readonly left: number };

export class Sleep {
  readonly #clock: Clock;
  readonly #wakeUp: () => void;
  #wake: Wake | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, wakeUp: () => void) {
    this.#clock = clock;
    this.#wakeUp = wakeUp;
  }

  /** Whether a sleep is in progress. */
  get isOn(): boolean {
    return this.#wake !== undefined;
  }

  /** The remaining time, milliseconds; undefined if no sleep is in progress. */
  get leftMs(): number | undefined {
    return this.#wake && ('left' in this.#wake ? this.#wake.left : this.#wake.at - this.#clock.now());
  }

  /** Starts a sleep of `ms` milliseconds. */
  begin(ms: number): void {
    this.#wake = { at: this.#clock.now() + ms };
    this.#cancel = this.#clock.after(ms, () => {
      this.#wake = undefined;
      this.#wakeUp();
    });
  }

  freeze(): void {
    this.#cancel?.();
    if (this.#wake && 'at' in this.#wake) this.#wake = { left: Math.max(0, this.#wake.at - this.#clock.now()) };
  }

  thaw(): void {
    if (this.#wake && 'left' in this.#wake) this.begin(this.#wake.left);
  }

  /** Cancels the sleep without its callback. */
  end(): void {
    this.#cancel?.();
    this.#wake = undefined;
  }
}
