// Tests that files and directories are small enough to be found and read.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');
const MAX_TEST_LINES = 300;
const MAX_SOURCES = 25;

const files = ['proto', 'fakes', 'specs', 'harness'].flatMap((layer) =>
  fs
    .readdirSync(path.join(ROOT, layer), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('types/'))
    .map((file) => path.join(layer, file)),
);
const isTest = (file: string) => file.endsWith('.test.ts');

test(`no test file has more than ${MAX_TEST_LINES} lines`, () => {
  const lines = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1;
  const long = files.filter(isTest).map((file) => `${file}: ${lines(file)}`);
  expect(long.filter((row) => Number(row.split(': ')[1]) > MAX_TEST_LINES)).toEqual([]);
});

test(`no directory has more than ${MAX_SOURCES} source files`, () => {
  const counts = new Map<string, number>();
  for (const file of files.filter((file) => !isTest(file)))
    counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MAX_SOURCES)).toEqual([]);
});
