// The lines for people: what is said of a spec that ran several times.
import { expect, test } from '@jest/globals';
import type { Status } from '../report/results';
import { ofAttempts } from '../run/attempts';
import { resultOf } from '../testing/result-of';
import { resultLines } from './text';

test.each<[first: Status, second: Status, said: string | undefined]>([
  ['pass', 'pass', '(held 2 of 2 times)'],
  ['pass', 'fail', '(held 1 of 2 times)'],
  ['fail', 'fail', '(held 0 of 2 times)'],
  ['known-failure', 'known-failure', '(held 0 of 2 times)'],
  ['pass', 'unsupported', '(held 1 of 2 times)'],
  ['unsupported', 'unsupported', undefined],
])('%s and %s: %s', (first, second, said) => {
  const [head = ''] = resultLines(ofAttempts([resultOf(first), resultOf(second)]));
  expect(/\(held.*\)/.exec(head)?.[0]).toBe(said);
});
