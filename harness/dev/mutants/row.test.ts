// Which differences between an expected row and a measured one count.
import { expect, test } from '@jest/globals';
import { differences, type MatrixRow } from './row';

const row = (change: Partial<MatrixRow>): MatrixRow => ({
  kind: 'mutant',
  name: 'broken',
  red: {},
  unjudged: [],
  ...change,
});

test('equal rows have no differences', () => {
  expect(differences(row({ red: { a: 'status' } }), row({ red: { a: 'status' } }))).toEqual([]);
});

test('a mutant that no spec detects, that another spec detects, or that another expectation detects is a difference', () => {
  expect(differences(row({ red: { a: 'status', b: 'code' } }), row({ red: { b: 'ok', c: 'fail' } }))).toEqual([
    "a turns red by 'status', but it stayed green",
    "b turns red by 'code', but came 'ok'",
    "c stays green, but came 'fail'",
  ]);
});

test('a spec that could not be judged is a difference only if it should have been judged', () => {
  expect(differences(row({ unjudged: ['a', 'b'] }), row({ unjudged: ['b', 'c'] }))).toEqual([
    'c stays green, but it could not be judged',
    'a cannot be judged, but it was',
  ]);
});
