// Tests which differences between an expected row and a measured row count.
import { expect, test } from '@jest/globals';
import { cellsOf, differences, type MatrixRow } from './row';

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
    "a should fail with the label 'status', but it passed",
    "b should fail with the label 'code', but it failed with 'ok'",
    "c should pass, but it failed with 'fail'",
  ]);
});

test('a spec that could not be judged is a difference only if it should have been judged', () => {
  expect(differences(row({ unjudged: ['a', 'b'] }), row({ unjudged: ['b', 'c'] }))).toEqual([
    'c should pass, but it is unsupported',
    'a should be unsupported, but it was judged',
  ]);
});

test('only the cells of the specs that ran are compared', () => {
  const committed = row({ red: { a: 'status', b: 'ok' }, unjudged: ['c', 'd'] });
  expect(cellsOf(committed, ['b', 'd', 'e'])).toEqual(row({ red: { b: 'ok' }, unjudged: ['d'] }));
});
