// What counts as a difference between a row that was wanted and one that was measured.
import { expect, test } from '@jest/globals';
import { differences, type MatrixRow } from './row';

const row = (change: Partial<MatrixRow>): MatrixRow => ({
  kind: 'mutant',
  name: 'broken',
  red: {},
  unjudged: [],
  ...change,
});

test('equal rows have none', () => {
  expect(differences(row({ red: { a: 'status' } }), row({ red: { a: 'status' } }))).toEqual([]);
});

test('a mutant that nobody noticed, one that an innocent noticed, one that was noticed by another expectation', () => {
  expect(differences(row({ red: { a: 'status', b: 'code' } }), row({ red: { b: 'ok', c: 'fail' } }))).toEqual([
    "a turns red by 'status', but it stayed green",
    "b turns red by 'code', but came 'ok'",
    "c stays green, but came 'fail'",
  ]);
});

test('what could not be judged counts only where it should have been', () => {
  expect(differences(row({ unjudged: ['a', 'b'] }), row({ unjudged: ['b', 'c'] }))).toEqual([
    'c stays green, but it could not be judged',
    'a cannot be judged, but it was',
  ]);
});
