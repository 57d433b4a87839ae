// A directory goes, though others still write there.
import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeScratch, removeDirectory } from './temporary-directory';

const FILES = 50;

test('a directory that somebody still writes to is removed', async () => {
  const scratch = await makeScratch();
  const archives = path.join(scratch, 'checkpoints');
  await fs.mkdir(archives);
  await fs.writeFile(path.join(archives, 'first'), '');
  const removed = removeDirectory(scratch);
  // Those that come too late find no directory.
  for (let file = 0; file < FILES; file++) await fs.writeFile(path.join(archives, `${file}`), '').catch(() => {});
  await removed;
  await expect(fs.readdir(scratch)).rejects.toMatchObject({ code: 'ENOENT' });
});
