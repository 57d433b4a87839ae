// Tests that each mutant is in exactly one share of the matrix, and that every share contains all variants.
import { expect, test } from '@jest/globals';
import { shareOf } from './share';
import type { Task } from './worker';

const mutants: readonly Task[] = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ kind: 'mutant', name }));
const variants: readonly Task[] = [{ kind: 'variant', name: 'v' }];
const tasks = [...variants, ...mutants];

test.each([1, 2, 3, 5])('%d shares together are everything, without duplicates', (count) => {
  const shares = Array.from({ length: count }, (_, i) => shareOf(tasks, `${100 + i}/${count}`));
  expect(shares.flatMap((share) => share.filter(({ kind }) => kind === 'mutant')).sort(byName)).toEqual(mutants);
  for (const share of shares) expect(share.filter(({ kind }) => kind === 'variant')).toEqual(variants);
});

const byName = (a: Task, b: Task) => (a.name < b.name ? -1 : 1);

test.each(['', '1', '1/0', 'x/2', '-1/2'])('%s is not a valid share', (share) => {
  expect(() => shareOf(tasks, share)).toThrow(/--share/);
});
