// Folders with those above them: what was made is told, and a place that takes none is an error at once.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeFolder } from './make-directory';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'make-folder-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('the uppermost that was made is returned, and all have the mode', async () => {
  const deep = path.join(folder, 'a/b/c');
  expect(await makeFolder(deep, 0o700)).toBe(path.join(folder, 'a'));
  for (const made of [deep, path.dirname(deep)]) expect(fs.statSync(made).mode & 0o777).toBe(0o700);
  expect(await makeFolder(path.join(deep, 'd'), 0o700)).toBe(path.join(deep, 'd'));
});

test('one that is there is left alone', async () => {
  fs.chmodSync(folder, 0o755);
  expect(await makeFolder(folder, 0o700)).toBeUndefined();
  expect(fs.statSync(folder).mode & 0o777).toBe(0o755);
});

test.each([
  ['a file', (at: string) => at, 'EEXIST'],
  ['below a file', (at: string) => path.join(at, 'x/y'), 'ENOTDIR'],
  ['below a system folder that takes none', () => '/proc/ckptest/x', 'ENOENT'],
])('%s is an error', async (_, place, code) => {
  fs.writeFileSync(path.join(folder, 'file'), '');
  await expect(makeFolder(place(path.join(folder, 'file')), 0o700)).rejects.toMatchObject({ code });
});
