// Identifiers, handed in: random by default, repeatable from a seed in tests and goldens.
import { createHash, randomBytes } from 'node:crypto';

/** What a fake asks of identifiers. */
export interface Ids {
  /** 64 lower-case hexadecimal digits, as runtimes name containers; never the same twice. */
  next(): string;
}

export const randomIds: Ids = { next: () => randomBytes(32).toString('hex') };

/** The same identifiers in the same order for the same seed. */
export class SeededIds implements Ids {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  next(): string {
    this.#count += 1;
    return createHash('sha256').update(`${this.#seed}:${this.#count}`).digest('hex');
  }
}
