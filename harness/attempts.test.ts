// Several attempts as one result: the worst counts, and what held sometimes says how often.
import { expect, test } from '@jest/globals';
import { ofAttempts } from './attempts';
import type { Result, Status } from './results';

const result = (status: Status): Result => ({
  id: 'group/spec',
  title: 'A rule',
  level: 'documented',
  strength: 'must',
  source: { document: 'a page', id: 'D1', link: 'https://example.org' },
  status,
  ...(status === 'pass' ? {} : { reason: `because of ${status}` }),
  durationMs: 10,
});

const of = (first: Status, ...more: Status[]) => ofAttempts([result(first), ...more.map(result)]);

test('one attempt stays as it is', () => {
  expect(of('fail')).toEqual(result('fail'));
});

test('what holds sometimes fails, with its ratio', () => {
  expect(of('pass', 'fail', 'pass')).toEqual({
    ...result('fail'),
    reason: 'it held 2 of 3 times; because of fail',
    durationMs: 30,
    attempts: ['pass', 'fail', 'pass'],
  });
});

test.each<[Status[], Status]>([
  [['pass', 'pass'], 'pass'],
  [['pass', 'error'], 'error'],
  [['error', 'fail'], 'fail'],
  [['known-failure', 'pass'], 'known-failure'],
  [['known-failure', 'fail'], 'fail'],
  [['unsupported', 'pass'], 'unsupported'],
])('of %j the worst is %s', ([first = 'pass', ...more], worst) => {
  expect(of(first, ...more).status).toBe(worst);
});

test('what never held says nothing of times', () => {
  expect(of('fail', 'fail').reason).toBe('because of fail');
});
