// Tests that a directory is removed even while another process writes into it.
import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeScratch, removeDirectory } from './temporary-directory';

const FILES = 50;

test('a directory that another process still writes to is removed', async () => {
  const scratch = await makeScratch();
  const archives = path.join(scratch, 'checkpoints');
  await fs.mkdir(archives);
  await fs.writeFile(path.join(archives, 'first'), '');
  const removed = removeDirectory(scratch);
  // Writing fails after the directory has been removed.
  for (let file = 0; file < FILES; file++) await fs.writeFile(path.join(archives, `${file}`), '').catch(() => {});
  await removed;
  await expect(fs.readdir(scratch)).rejects.toMatchObject({ code: 'ENOENT' });
});
