// Tests that the committed matrix has one line per row and can be updated in part, and that a directory without a
// matrix gives a clear error.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { UserError } from '../../../fakes/base/user-error';
import { type MatrixRow, namesOf } from './row';
import { orphans, readTable, tableRow, updateTable } from './table';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-matrix-'));
  fs.mkdirSync(path.join(root, 'harness', 'dev', 'mutants'), { recursive: true });
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const [first = '', second = ''] = namesOf('mutant');
const row = (name: string, label: string): MatrixRow => ({ kind: 'mutant', name, red: { spec: label }, unjudged: [] });

test('rows that were not measured again stay, each on its own line', () => {
  updateTable(root, [row(first, 'status'), row(second, 'code')]);
  updateTable(root, [row(second, 'ok')]);
  const table = readTable(root);
  expect(tableRow(table, 'mutant', first)).toEqual(row(first, 'status'));
  expect(tableRow(table, 'mutant', second)).toEqual(row(second, 'ok'));
  const text = fs.readFileSync(path.join(root, 'harness', 'dev', 'mutants', 'matrix.jsonl'), 'utf8');
  expect(text.split('\n').filter((line) => line.includes('"red"'))).toHaveLength(2);
});

test('a row without a mutant is an orphan', () => {
  expect(orphans([row(first, 'status'), row('gone', 'status')])).toEqual(['gone']);
});

test('the error names a directory without the matrix', () => {
  expect(() => readTable(path.join(root, 'elsewhere'))).toThrow(UserError);
  expect(() => readTable(path.join(root, 'elsewhere'))).toThrow(/elsewhere.*matrix\.jsonl/);
});
