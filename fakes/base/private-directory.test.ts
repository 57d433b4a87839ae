// Tests that the directories of ended processes are removed, and that all other directories are kept.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { privateDirectory } from './private-directory';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'private-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(directory);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(directory, { recursive: true });
});

test('it is private, and those of ended processes are removed', async () => {
  const [own = ''] = [path.basename(await privateDirectory('probe'))];
  const [, namespace = ''] = /^ckptest-probe-\d+-\d+-(.+)-.{6}$/.exec(own) ?? [];
  expect((await stat(path.join(directory, own))).mode & 0o777).toBe(0o700);

  const another = await mkdtemp(path.join(directory, 'tmp-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(another);
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const ended = `ckptest-kubelet-${pid}-1-${namespace}-abcdef`;
  const linked = `ckptest-kubelet-${pid}-1-${namespace}-linked`;
  const foreign = `ckptest-kubelet-${pid}-1-${namespace}x-abcdef`;
  const alive = own.replace('probe', 'node');
  for (const name of [ended, foreign, alive, 'ckptest-other']) await mkdir(path.join(another, name));
  await writeFile(path.join(another, ended, 'client.key'), 'secret');
  await symlink(path.join(another, 'ckptest-other'), path.join(another, linked));
  const made = path.basename(await privateDirectory('probe'));
  expect((await readdir(another)).sort()).toEqual([made, linked, foreign, alive, 'ckptest-other'].sort());
});
