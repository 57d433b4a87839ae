// Several attempts as one result: the worst counts, and what held sometimes says how often.
import { expect, test } from '@jest/globals';
import type { Status } from '../report/results';
import { resultOf } from '../testing/result-of';
import { combineAttempts } from './combine-attempts';

const of = (first: Status, ...more: Status[]) => combineAttempts([resultOf(first), ...more.map(resultOf)]);

test('one attempt stays as it is', () => {
  expect(of('fail')).toEqual(resultOf('fail'));
});

test('what holds sometimes fails, with its ratio', () => {
  expect(of('pass', 'fail', 'pass')).toEqual({
    ...resultOf('fail'),
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
