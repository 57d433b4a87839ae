// Tests that the order depends only on the seed, and that every round contains every item.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_SEED, newSeed, randomRounds } from './random-order';

const items = Array.from({ length: 50 }, (_, n) => n);

test('the same seed gives the same order, and another seed another order', () => {
  expect(randomRounds(items, 2, 7)).toEqual(randomRounds(items, 2, 7));
  expect(randomRounds(items, 1, 7)).not.toEqual(randomRounds(items, 1, 8));
});

test('each round contains every item once, in a different order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_SEED }), (seed) => {
      const all = randomRounds(items, 2, seed);
      const [first, second] = [all.slice(0, 50), all.slice(50)];
      expect([...first].sort((a, b) => a - b)).toEqual(items);
      expect([...second].sort((a, b) => a - b)).toEqual(items);
      expect(first).not.toEqual(second);
    }),
  );
});

test('without a seed the items keep their order', () => {
  expect(randomRounds(['a', 'b'], 2, undefined)).toEqual(['a', 'b', 'a', 'b']);
});

test('a new seed is a valid value of --seed', () => {
  const seed = newSeed();
  expect(Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED).toBe(true);
});
