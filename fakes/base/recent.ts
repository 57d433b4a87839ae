// Provides small caches for results that are needed repeatedly.

/** A cache of the values that were created most recently. Callers share the values and must not change them. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();

  /** @param max maximum number of values. The value that was created first is dropped first */
  constructor(private readonly max: number) {}

  /**
   * Returns the value for a key.
   *
   * @param make makes the value if it is not in the cache
   */
  get(key: string, make: () => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#values.keys();
    if (this.#values.size >= this.max && oldest !== undefined) this.#values.delete(oldest);
    const made = make();
    this.#values.set(key, made);
    return made;
  }
}

/**
 * Delays the creation of a value until it is first needed.
 * @returns a function that creates the value in its first call and returns the same value in all later calls
 */
export function once<Value>(make: () => Value): () => Value {
  let cached: { readonly value: Value } | undefined;
  return () => {
    cached ??= { value: make() };
    return cached.value;
  };
}
