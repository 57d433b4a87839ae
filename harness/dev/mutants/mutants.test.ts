// Tests the part of the matrix that runs with every change: each mutant with only the specs that name it.
import { describe, expect, test } from '@jest/globals';
import { specs } from '../../../specs/index';
import { measuredRow, namesOf, specsNaming, wantedRow } from './row';

const MAX_TEST_MS = 180_000;

test('every mutant is named by a spec, and specs name only mutants', () => {
  const named = new Set(specs.flatMap(({ mutants }) => Object.keys(mutants)));
  expect([...named].sort()).toEqual([...namesOf('mutant')].sort());
});

test('every spec names a mutant', () => {
  expect(specs.filter(({ mutants }) => Object.keys(mutants).length === 0).map(({ id }) => id)).toEqual([]);
});

describe('a mutant', () => {
  test.concurrent.each([...namesOf('mutant')])(
    '%s fails the specs that name it',
    async (name) => {
      const row = await measuredRow('mutant', name, specsNaming(name));
      expect(row).toEqual(wantedRow(row));
    },
    MAX_TEST_MS,
  );
});
