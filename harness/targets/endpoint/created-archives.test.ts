// Only checkpoint archives are removed, even if the kubelet's answer names other files.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { CreatedArchives } from './created-archives';

const answer = (status: number, ...items: readonly string[]) => ({
  status,
  headers: {},
  body: JSON.stringify({ items }),
  milliseconds: 1,
});

test('only a file with the name and directory of a checkpoint archive is removed', async () => {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'created-archives-'));
  await fs.mkdir(path.join(directory, 'checkpoints'));
  const names = [
    'checkpoints/checkpoint-a.tar',
    'checkpoints/else.tar',
    'checkpoint-b.tar',
    'checkpoints/checkpoint-c.tar',
  ];
  for (const name of names) await fs.writeFile(path.join(directory, name), '');
  const archives = new CreatedArchives((file) => path.join(directory, file));
  archives.notice(
    answer(200, ...names.slice(0, 3).map((name) => `/${name}`), '/../checkpoints', 'relative/checkpoints/x'),
  );
  archives.notice(answer(500, `/${names[3]}`));
  archives.notice({ ...answer(200), body: '{"items":' });
  await archives.remove();
  const left = await Promise.all(
    names.map((name) =>
      fs.access(path.join(directory, name)).then(
        () => name,
        () => '',
      ),
    ),
  );
  expect(left).toEqual(['', ...names.slice(1)]);
  await fs.rm(directory, { recursive: true });
});
