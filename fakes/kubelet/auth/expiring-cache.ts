// A cache whose entries expire. If it is full, the entry that was not used for the longest time is dropped.
import type { Clock } from '../../base/clock';

/** Maximum number of entries: the size of Kubernetes' cache of authorization decisions. */
const MAX_ENTRIES = 8192;

export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();

  constructor(readonly clock: Clock) {}

  /** Returns the value; undefined if there is no value or it has expired. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.until <= this.clock.now()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /**
   * Stores a value.
   * @param seconds how long the value is valid, seconds. With 0 or less, the value is not stored
   */
  set(key: string, value: Value, seconds: number): void {
    if (seconds <= 0) return;
    this.#entries.set(key, { value, until: this.clock.now() + seconds * 1000 });
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
