// Identifiers, handed in: random by default, repeatable from a seed in tests and goldens.
import { createHash, randomBytes } from 'node:crypto';

/** What a fake asks of identifiers. */
export interface Ids {
  /** 64 lower-case hexadecimal digits, as runtimes name containers; never the same twice. */
  next(): string;
}

/** Random bytes come in supplies, since each asking of the system costs as much as all the rest of an id. */
const SUPPLY_BYTES = 4096;
const ID_BYTES = 32;
let supply = Buffer.alloc(0);

export const randomIds: Ids = {
  next() {
    if (supply.length < ID_BYTES) supply = randomBytes(SUPPLY_BYTES);
    const id = supply.toString('hex', 0, ID_BYTES);
    supply = supply.subarray(ID_BYTES);
    return id;
  },
};

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
