// Tests that the catalogue is complete and consistent: ids, sources, mutants and generated pages.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { specs } from '../index';
import { NEEDS } from '../subject/subject';
import { CIRCUMSTANCES } from './circumstances';
import { coverageTable } from './coverage';
import { FINDINGS, rulesOfFinding } from './findings';
import { RULES_WITH_HARM } from './harms';
import { IMPACT_KEYS, impactOf } from './impact';
import { SENTENCES } from './sentences';
import { CIRCUMSTANCES_DOCUMENT, FINDINGS_DOCUMENT } from './sources';

test('catalogue.md is up to date (npm run specs:catalogue)', () => {
  expect(fs.readFileSync(path.join(__dirname, 'catalogue.md'), 'utf8')).toBe(coverageTable(specs));
});

test('all thirty sentences are there, each with a spec or the reason why it has none', () => {
  expect(Object.keys(SENTENCES)).toEqual(Array.from({ length: 30 }, (_, i) => `D${i + 1}`));
  const sources = new Set(specs.map(({ source }) => source.id));
  const uncovered = Object.entries(SENTENCES).filter(([id, { beside }]) => !sources.has(id) && beside === undefined);
  expect(uncovered).toEqual([]);
});

test('a spec names a sentence if and only if its level is documented', () => {
  const strangers = specs.filter(({ level, source }) => level === 'documented' && !Object.hasOwn(SENTENCES, source.id));
  expect(strangers.map(({ id }) => id)).toEqual([]);
});

test('hardening rules have a harm, and no other rules do', () => {
  const hardening = specs.filter(({ level }) => level === 'hardening').map(({ id }) => id);
  expect([...RULES_WITH_HARM].sort()).toEqual(hardening.sort());
});

test('every rule has an impact, and every impact is for a rule', () => {
  expect(specs.filter(({ id }) => impactOf(id) === undefined).map(({ id }) => id)).toEqual([]);
  const named = new Set(specs.flatMap(({ id }) => [id, id.slice(0, id.lastIndexOf('/'))]));
  expect(IMPACT_KEYS.filter((key) => !named.has(key))).toEqual([]);
});

test('ids are paths of slugs, without duplicates', () => {
  for (const { id } of specs) expect(id).toMatch(/^(kubelet|runtime|archive)(\/[a-z0-9]+(-[a-z0-9]+)*){2}$/);
  expect(new Set(specs.map(({ id }) => id)).size).toBe(specs.length);
});

test('every spec has a mutant and only needs that are explained', () => {
  for (const { id, mutants, needs } of specs) {
    expect([id, Object.keys(mutants).length]).not.toEqual([id, 0]);
    for (const need of needs) expect(Object.keys(NEEDS)).toContain(need);
  }
});

describe('circumstances', () => {
  /** The circumstances that the code of real runtimes distinguishes, and those that this suite adds. */
  const ROWS =
    'unknown-id empty-id unique-prefix ambiguous-prefix created exited state-unknown already-paused empty-location ' +
    'relative-location missing-parent is-directory existing-file existing-link image-reference criu-missing criu-too-old ' +
    'oci-runtime-without-checkpoint disabled dump-fails pause-fails deadline cancelled timeout concurrent-container ' +
    'concurrent-location concurrent-containers disk-full success restart not-initialised pod-checkpoint';

  test('all are there, each with specs or the reason why it has none', () => {
    expect(Object.keys(CIRCUMSTANCES)).toEqual(ROWS.split(' '));
    const known = new Set(specs.map(({ id }) => id));
    for (const [id, circumstance] of Object.entries(CIRCUMSTANCES)) {
      expect([id, circumstance.specs.filter((spec) => !known.has(spec))]).toEqual([id, []]);
      expect([id, circumstance.specs.length > 0 || (circumstance.beside ?? '').length > 0]).toEqual([id, true]);
    }
  });

  test('a spec with a circumstance as source is listed in that circumstance', () => {
    for (const { id, source } of specs.filter((spec) => spec.source.document === CIRCUMSTANCES_DOCUMENT))
      expect([id, CIRCUMSTANCES[source.id]?.specs]).toEqual([id, expect.arrayContaining([id])]);
  });
});

describe('findings', () => {
  const named = specs.filter(({ source }) => source.document === FINDINGS_DOCUMENT);

  test('each has a spec', () => {
    expect(Object.keys(FINDINGS).filter((id) => rulesOfFinding(id, specs).length === 0)).toEqual([]);
  });

  test('and no spec names another one', () => {
    expect(named.filter(({ source }) => FINDINGS[source.id] === undefined).map(({ id }) => id)).toEqual([]);
  });
});
