// A sleep that can stand still: what is left of it then is slept afterwards.
import type { Clock } from '../../base/clock';

/** When it ends (milliseconds since the epoch); while it is frozen, how long it would go on still. */
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

  /** Whether it has begun and has not ended. */
  get isOn(): boolean {
    return this.#wake !== undefined;
  }

  /** Milliseconds that are left; undefined where nothing sleeps. */
  get leftMs(): number | undefined {
    return this.#wake && ('left' in this.#wake ? this.#wake.left : this.#wake.at - this.#clock.now());
  }

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

  /** Ends it without waking anybody. */
  end(): void {
    this.#cancel?.();
    this.#wake = undefined;
  }
}
