// Provides ids for the fakes, which are random by default and repeatable from a seed in tests.
import { createHash, randomBytes } from 'node:crypto';

/** A source of ids for containers and pods. */
export interface Ids {
  /** Returns 64 lower-case hexadecimal digits, the form of container ids. Never returns the same id twice. */
  next(): string;
}

/** Number of random bytes that are fetched at once. A call to the system takes as long as all other work for an id. */
const BULK_BYTES = 4096;
const ID_BYTES = 32;
let unused = Buffer.alloc(0);

/** A source of random ids. */
export const randomIds: Ids = {
  next() {
    if (unused.length < ID_BYTES) unused = randomBytes(BULK_BYTES);
    const id = unused.toString('hex', 0, ID_BYTES);
    unused = unused.subarray(ID_BYTES);
    return id;
  },
};

/** A source of ids that returns the same ids in the same order for the same seed. */
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
