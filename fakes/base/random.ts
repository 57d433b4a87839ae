// Generates repeatable pseudo-random numbers: the same seed gives the same numbers.

/**
 * Computes a seed (FNV-1a).
 *
 * @param parts the purpose of the numbers, for example a name and a container id. Equal parts give equal seeds
 * @returns an unsigned number of 32 bits
 */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  const text = parts.join('\0');
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A fast generator (xorshift32) for generated file contents. Its numbers must not be used for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0 || 1;
  }

  /** Returns the next unsigned number of 32 bits. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  /** Returns an integer that is at least 0 and less than `limit`, which is at most 2^32. */
  below(limit: number): number {
    return this.next() % limit;
  }

  /** Returns a number of hexadecimal digits in lower case. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.next().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }
}
