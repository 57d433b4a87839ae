// Tests that the worst of several attempts of a spec counts, and that the reason says how often the spec passed.
import { expect, test } from '@jest/globals';
import type { Status } from '../report/results';
import { resultOf } from '../testing/result-of';
import { combineAttempts } from './combine-attempts';

const of = (first: Status, ...more: Status[]) => combineAttempts([resultOf(first), ...more.map(resultOf)]);

test('a single attempt is returned unchanged', () => {
  expect(of('fail')).toEqual(resultOf('fail'));
});

test('a spec that passes only sometimes fails, and the reason says how often it passed', () => {
  expect(of('pass', 'fail', 'pass')).toEqual({
    ...resultOf('fail'),
    reason: 'it passed 2 of 3 times; because of fail',
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
])('the worst status of %j is %s', ([first = 'pass', ...more], worst) => {
  expect(of(first, ...more).status).toBe(worst);
});

test('the reason of a spec that never passed has no count', () => {
  expect(of('fail', 'fail').reason).toBe('because of fail');
});
