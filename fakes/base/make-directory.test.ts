// Tests that missing parents are created, that the topmost new directory is returned, and that errors are reported.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeDirectory } from './make-directory';

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'make-directory-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

test('makeDirectory returns the topmost new directory, and all new directories have the given mode', async () => {
  const deep = path.join(directory, 'a/b/c');
  expect(await makeDirectory(deep, 0o700)).toBe(path.join(directory, 'a'));
  for (const made of [deep, path.dirname(deep)]) expect(fs.statSync(made).mode & 0o777).toBe(0o700);
  expect(await makeDirectory(path.join(deep, 'd'), 0o700)).toBe(path.join(deep, 'd'));
});

test('makeDirectory does not change an existing directory', async () => {
  fs.chmodSync(directory, 0o755);
  expect(await makeDirectory(directory, 0o700)).toBeUndefined();
  expect(fs.statSync(directory).mode & 0o777).toBe(0o755);
});

test.each([
  ['a file', (file: string) => file, 'EEXIST'],
  ['a path below a file', (file: string) => path.join(file, 'x/y'), 'ENOTDIR'],
  ['a path in a file system that takes no directories', () => '/proc/ckptest/x', 'ENOENT'],
])('makeDirectory fails for %s', async (_, pathFor, code) => {
  fs.writeFileSync(path.join(directory, 'file'), '');
  await expect(makeDirectory(pathFor(path.join(directory, 'file')), 0o700)).rejects.toMatchObject({ code });
});
