// Orders by seed: the same for the same seed, another for another, and every item in every round.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_SEED, newSeed, randomRounds } from './random-order';

const items = Array.from({ length: 50 }, (_, n) => n);

test('the same seed gives the same order, another one another', () => {
  expect(randomRounds(items, 2, 7)).toEqual(randomRounds(items, 2, 7));
  expect(randomRounds(items, 1, 7)).not.toEqual(randomRounds(items, 1, 8));
});

test('each round has every item once, in an order of its own', () => {
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

test('without a seed items keep their order', () => {
  expect(randomRounds(['a', 'b'], 2, undefined)).toEqual(['a', 'b', 'a', 'b']);
});

test('a new seed is one that may be given', () => {
  const seed = newSeed();
  expect(Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED).toBe(true);
});
