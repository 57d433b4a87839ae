// Tests archives compressed with gzip: which are opened, which are refused, and that no temporary copy is left.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openCompressed } from './compressed-archive';

const TAR = path.join(__dirname, '../testdata/cri-o-1.37-counter.tar');

let directory: string;
let temporary: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'compressed-'));
  temporary = await fs.mkdtemp(path.join(os.tmpdir(), 'compressed-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await fs.readdir(temporary)).toEqual([]);
  for (const one of [directory, temporary]) await fs.rm(one, { recursive: true });
});

async function written(bytes: Buffer): Promise<string> {
  const file = path.join(directory, 'a.tar.gz');
  await fs.writeFile(file, bytes);
  return file;
}

test.each([
  ['without compression', (tar: Buffer) => tar],
  ['compressed with gzip', (tar: Buffer) => gzipSync(tar)],
])('a tar file %s can be opened and read', async (_, make) => {
  await using archive = await openCompressed(await written(make(await fs.readFile(TAR))));
  expect(await archive.json('config.dump', { type: 'config', texts: [] })).toMatchObject({ runtime: 'runc' });
});

test.each([
  ['a truncated gzip file', (whole: Buffer) => whole.subarray(0, whole.length / 2), 'cut', 'unexpected EOF'],
  [
    'a damaged gzip file',
    (whole: Buffer) => Buffer.concat([whole.subarray(0, 2), whole]),
    'not-a-tar',
    'gzip: invalid header',
  ],
  [
    'a gzip file of something other than a tar file',
    () => gzipSync('x'.repeat(2000)),
    'not-a-tar',
    'archive/tar: invalid tar header',
  ],
])('%s is refused', async (_, make, kind, reason) => {
  const file = await written(make(gzipSync(await fs.readFile(TAR))));
  await expect(openCompressed(file)).rejects.toMatchObject({ kind, reason });
});

test('an archive that decompresses to more than the limit is refused', async () => {
  const file = await written(gzipSync(Buffer.alloc(2 * 1024 * 1024)));
  await expect(openCompressed(file, 1024 * 1024)).rejects.toMatchObject({
    reason: 'it decompresses to more than 1048576 bytes',
  });
});
