// What must be true of the catalogue itself.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { coverageTable } from './coverage';
import { specs } from './index';
import { SENTENCES } from './sentences';
import { NEEDS } from './subject';

test('README.md is the table that the catalogue makes (npm run specs:readme)', () => {
  expect(fs.readFileSync(path.join(__dirname, 'README.md'), 'utf8')).toBe(coverageTable(specs));
});

test('all thirty sentences are there, each with a spec or with the reason why not', () => {
  expect(Object.keys(SENTENCES)).toEqual(Array.from({ length: 30 }, (_, i) => `D${i + 1}`));
  const sources = new Set(specs.map(({ source }) => source.id));
  const uncovered = Object.entries(SENTENCES).filter(([id, { beside }]) => !sources.has(id) && beside === undefined);
  expect(uncovered).toEqual([]);
});

test('every documented spec names a sentence, and only such', () => {
  const strangers = specs.filter(({ level, source }) => level === 'documented' && !Object.hasOwn(SENTENCES, source.id));
  expect(strangers.map(({ id }) => id)).toEqual([]);
});

test('ids are slug paths, and no two are alike', () => {
  for (const { id } of specs) expect(id).toMatch(/^(kubelet|runtime|archive)(\/[a-z0-9]+(-[a-z0-9]+)*){2}$/);
  expect(new Set(specs.map(({ id }) => id)).size).toBe(specs.length);
});

test('every spec has a mutant, and needs only what is explained', () => {
  for (const { id, mutants, needs } of specs) {
    expect([id, Object.keys(mutants).length]).not.toEqual([id, 0]);
    for (const need of needs) expect(Object.keys(NEEDS)).toContain(need);
  }
});
