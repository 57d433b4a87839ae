// Tests that only archives that the run created are removed, even if the kubelet's responses name other files.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CreatedArchives } from './created-archives';

const answer = (status: number, ...items: readonly string[]) => ({
  status,
  headers: {},
  body: JSON.stringify({ items }),
  milliseconds: 1,
});

let directory: string;
const place = (name: string) => path.join(directory, name);
const left = async () => (await fs.readdir(place('checkpoints'))).sort();

beforeEach(async () => {
  directory = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'created-archives-')));
  await fs.mkdir(place('checkpoints'));
});
afterEach(() => fs.rm(directory, { recursive: true }));

const own = (root: string | undefined) => new CreatedArchives({ directory: root, local: place });

test('only a file with the name and directory of a checkpoint archive is removed', async () => {
  const askedAt = Date.now();
  const names = [
    'checkpoints/checkpoint-a.tar',
    'checkpoints/else.tar',
    'checkpoint-b.tar',
    'checkpoints/checkpoint-c.tar',
  ];
  for (const name of names) await fs.writeFile(place(name), '');
  const archives = own(directory);
  archives.notice(
    answer(200, ...names.slice(0, 3).map((name) => `/${name}`), '/../checkpoints', 'relative/checkpoints/x'),
    askedAt,
  );
  archives.notice(answer(500, `/${names[3]}`), askedAt);
  archives.notice({ ...answer(200), body: '{"items":' }, askedAt);
  await archives.remove();
  expect(await left()).toEqual(['checkpoint-c.tar', 'else.tar']);
  expect(await fs.readdir(directory)).toContain('checkpoint-b.tar');
});

const named = '/checkpoints/checkpoint-a.tar';

test('nothing is removed without a directory to remove from', async () => {
  const askedAt = Date.now();
  await fs.writeFile(place(named), '');
  const archives = own(undefined);
  archives.notice(answer(200, named), askedAt);
  await archives.remove();
  expect(await left()).toEqual(['checkpoint-a.tar']);
});

test('a file that existed before the request is not removed, even if a later request names it again', async () => {
  await fs.writeFile(place(named), '');
  const { birthtimeMs } = await fs.stat(place(named));
  const archives = own(directory);
  archives.notice(answer(200, named), birthtimeMs + 1000);
  await archives.remove();
  expect(await left()).toEqual(['checkpoint-a.tar']);
});

test('an archive that a second request overwrote is removed', async () => {
  const askedAt = Date.now();
  await fs.writeFile(place(named), '');
  const archives = own(directory);
  archives.notice(answer(200, named), askedAt);
  archives.notice(answer(200, named), askedAt + 60_000);
  await archives.remove();
  expect(await left()).toEqual([]);
});

test.each<[what: string, create: () => Promise<unknown>]>([
  ['a directory', () => fs.mkdir(place(named))],
  ['a symbolic link', () => fs.symlink('/dev/null', place(named))],
  ['a named pipe', async () => execFileSync('mkfifo', [place(named)])],
])('%s is not removed', async (_, create) => {
  const askedAt = Date.now();
  await create();
  const archives = own(directory);
  archives.notice(answer(200, named), askedAt);
  await archives.remove();
  expect(await left()).toEqual(['checkpoint-a.tar']);
});

test('a file outside of the directory is not removed, whether by `..` or through a link', async () => {
  const askedAt = Date.now();
  await fs.mkdir(place('allowed'));
  await fs.symlink(place('checkpoints'), place('allowed/checkpoints'));
  await fs.writeFile(place(named), '');
  const archives = own(place('allowed'));
  archives.notice(answer(200, named, `/allowed/..${named}`, `/allowed${named}`), askedAt);
  await archives.remove();
  expect(await left()).toEqual(['checkpoint-a.tar']);
});
