// Tests that the page of return codes contains everything that its sources contain.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { personas } from '../../../fakes/deviations/personas/personas';
import { returnCodesPage } from './page';
import { personaRows, REFUSING } from './persona-rows';
import { RECORDINGS, recordedRows } from './recorded-rows';

const root = path.join(__dirname, '../../..');

test('specs/return-codes.md is up to date (npm run return-codes)', async () => {
  expect(fs.readFileSync(path.join(root, 'specs/return-codes.md'), 'utf8')).toBe(await returnCodesPage(root));
});

test.each(RECORDINGS)('every circumstance of a checkpoint in %s has a row, without ids and paths', (file) => {
  const rows = recordedRows(root, file);
  expect(new Set(rows.map(({ circumstance }) => circumstance)).size).toBe(24);
  expect(rows.filter(({ message }) => /[0-9a-f]{64}|\{DIR\}/.test(message))).toEqual([]);
});

test('a row contains the measured effects: a frozen container, a kept mode', () => {
  const rows = recordedRows(root, 'containerd-2.1.9-calls.json');
  const at = (name: string) => rows.find(({ circumstance }) => circumstance === name);
  expect(at('after 40 ms')).toMatchObject({ code: 'DEADLINE_EXCEEDED', left: 'the container stays frozen' });
  expect(at('a longer, world-readable file at the location')).toMatchObject({
    code: 'OK',
    left: 'the file keeps mode 644 and 600000 bytes',
  });
});

test('every persona that refuses checkpoints has a row', async () => {
  const refusing = REFUSING.map(([persona]) => persona);
  const variants = personas.map(({ name }) => name).filter((name) => name.includes('+') && !name.includes('+restore'));
  expect(variants.filter((name) => !refusing.includes(name))).toEqual([]);
  for (const { code, message } of await personaRows()) expect(`${code}: ${message}`).toMatch(/^[A-Z_]+: ./);
});
