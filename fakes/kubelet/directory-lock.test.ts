// Tests that only one process at a time uses a directory, and that the lock of a process that has ended is replaced.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockDirectory } from './directory-lock';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a locked directory is refused until it is released', async () => {
  const lock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toThrow(
    `The root directory ${directory} is in use by process ${process.pid}: stop that process, or choose another directory.`,
  );
  await lock.release();
  await (await lockDirectory(directory)).release();
  expect(await readdir(directory)).toEqual([]);
});

test.each([
  ['a process that has ended', `${spawnSync(process.execPath, ['-e', '']).pid}-1 x\n`],
  ['an empty file', ''],
])('the lock of %s is replaced', async (_, content) => {
  await writeFile(path.join(directory, '.ckptest-lock'), content);
  const lock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toThrow('is in use by process');
  await lock.release();
});
