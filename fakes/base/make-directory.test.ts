// Folders with those above them: what was made is told, and a place that takes none is an error at once.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeDirectory } from './make-directory';

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'make-folder-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

test('the uppermost that was made is returned, and all have the mode', async () => {
  const deep = path.join(directory, 'a/b/c');
  expect(await makeDirectory(deep, 0o700)).toBe(path.join(directory, 'a'));
  for (const made of [deep, path.dirname(deep)]) expect(fs.statSync(made).mode & 0o777).toBe(0o700);
  expect(await makeDirectory(path.join(deep, 'd'), 0o700)).toBe(path.join(deep, 'd'));
});

test('one that is there is left alone', async () => {
  fs.chmodSync(directory, 0o755);
  expect(await makeDirectory(directory, 0o700)).toBeUndefined();
  expect(fs.statSync(directory).mode & 0o777).toBe(0o755);
});

test.each([
  ['a file', (at: string) => at, 'EEXIST'],
  ['below a file', (at: string) => path.join(at, 'x/y'), 'ENOTDIR'],
  ['below a system folder that takes none', () => '/proc/ckptest/x', 'ENOENT'],
])('%s is an error', async (_, place, code) => {
  fs.writeFileSync(path.join(directory, 'file'), '');
  await expect(makeDirectory(place(path.join(directory, 'file')), 0o700)).rejects.toMatchObject({ code });
});
