// Archives of a run are removed; whatever else a kubelet may name is not.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { OwnArchives } from './own-archives';

const answer = (status: number, ...items: readonly string[]) => ({
  status,
  headers: {},
  body: JSON.stringify({ items }),
  milliseconds: 1,
});

test('only a file that is an archive by its name and place is removed', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'own-archives-'));
  await fs.mkdir(path.join(folder, 'checkpoints'));
  const names = [
    'checkpoints/checkpoint-a.tar',
    'checkpoints/else.tar',
    'checkpoint-b.tar',
    'checkpoints/checkpoint-c.tar',
  ];
  for (const name of names) await fs.writeFile(path.join(folder, name), '');
  const archives = new OwnArchives((file) => path.join(folder, file));
  archives.notice(
    answer(200, ...names.slice(0, 3).map((name) => `/${name}`), '/../checkpoints', 'relative/checkpoints/x'),
  );
  archives.notice(answer(500, `/${names[3]}`));
  archives.notice({ ...answer(200), body: '{"items":' });
  await archives.remove();
  const left = await Promise.all(
    names.map((name) =>
      fs.access(path.join(folder, name)).then(
        () => name,
        () => '',
      ),
    ),
  );
  expect(left).toEqual(['', ...names.slice(1)]);
  await fs.rm(folder, { recursive: true });
});
