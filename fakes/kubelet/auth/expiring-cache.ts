// Answers that hold for a while: at most so many, the one not used for longest goes first.
import type { Clock } from '../../base/clock';

/** As large as Kubernetes' cache of authorizations. */
const MAX_ENTRIES = 8192;

export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();

  constructor(readonly clock: Clock) {}

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.until <= this.clock.now()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value for so many seconds; none: not at all. */
  set(key: string, value: Value, seconds: number): void {
    if (seconds <= 0) return;
    this.#entries.set(key, { value, until: this.clock.now() + seconds * 1000 });
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
