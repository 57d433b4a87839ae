// Results that are asked for again and again: the latest few are kept.

/** Remembers what was made for a key; what is handed out is shared, so it must not be changed. */
export class Recent<Value> {
  readonly #kept = new Map<string, Value>();

  /** @param most how many results are kept; the oldest goes first */
  constructor(private readonly most: number) {}

  get(key: string, make: () => Value): Value {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= this.most && oldest !== undefined) this.#kept.delete(oldest);
    const made = make();
    this.#kept.set(key, made);
    return made;
  }
}

/** Makes something when it is first asked for, and hands out the same from then on. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
