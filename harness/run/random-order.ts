// Makes the random order in which specs run. The same seed gives the same order.
import { randomInt } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seeds are integers from 0 to this number. */
export const MAX_SEED = 2 ** 31 - 1;

export const newSeed = (): number => randomInt(MAX_SEED + 1);

/**
 * Shuffles the items once for each round.
 *
 * @param count number of rounds
 * @param seed 0 to MAX_SEED; undefined keeps the order of the items
 * @returns the items of all rounds, one round after the other
 */
export function randomRounds<T>(items: readonly T[], count: number, seed: number | undefined): T[] {
  const random = seed === undefined ? undefined : xoroshiro128plus(seed);
  const all: T[] = [];
  for (let round = 0; round < count; round++) {
    const left = [...items];
    while (left.length > 0) all.push(...left.splice(random ? uniformInt(random, 0, left.length - 1) : 0, 1));
  }
  return all;
}
