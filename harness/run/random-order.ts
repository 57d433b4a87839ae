// The order that specs run in: by chance, and the same again for the same seed.
import { randomInt } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seeds are whole numbers from 0 up to here. */
export const MAX_SEED = 2 ** 31 - 1;

export const newSeed = (): number => randomInt(MAX_SEED + 1);

/** So many rounds of the items, each round in an order of its own. Without a seed they keep their order. */
export function randomRounds<T>(items: readonly T[], count: number, seed: number | undefined): T[] {
  const random = seed === undefined ? undefined : xoroshiro128plus(seed);
  const all: T[] = [];
  for (let round = 0; round < count; round++) {
    const left = [...items];
    while (left.length > 0) all.push(...left.splice(random ? uniformInt(random, 0, left.length - 1) : 0, 1));
  }
  return all;
}
