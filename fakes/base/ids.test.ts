// Tests that ids have the form that runtimes use, and that the same seed gives the same ids.
import { expect, test } from '@jest/globals';
import { randomIds, SeededIds } from './ids';

const take = (ids: { next(): string }, count: number) => Array.from({ length: count }, () => ids.next());

test.each([
  ['random', randomIds],
  ['seeded', new SeededIds('a')],
])('%s ids have the form of container ids, and each is different', (_name, ids) => {
  const some = take(ids, 100);
  for (const id of some) expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(some).size).toBe(100);
});

test('the same seed gives the same ids, and another seed gives other ids', () => {
  const first = take(new SeededIds('a'), 3);
  expect(take(new SeededIds('a'), 3)).toEqual(first);
  expect(take(new SeededIds('b'), 3)).not.toEqual(first);
});
