// `ckptest inspect` as users see it: exit status, one JSON document, one sentence for a mistake.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bytesOf, partsOf, writePrivate } from '../inspect/testing/rebuild';
import { ckptest } from '../testing/command-line';

let directory: string;
let archive: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-inspect-command-'));
  archive = await writePrivate(directory, bytesOf(await partsOf('cri-o-1.37')));
});
afterAll(() => fs.rm(directory, { recursive: true }));

test('prints a tree and exits with 0 if there are no findings', async () => {
  const { status, out, err } = await ckptest(['inspect', archive]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/├── 0 REG \/dev\/null$/m);
  expect(out).toMatch(/^1 note$/m);
});

test('prints one JSON document and exits with 1 if there are findings', async () => {
  const cut = path.join(directory, 'cut.tar');
  await fs.writeFile(cut, (await fs.readFile(archive)).subarray(0, 100_000), { mode: 0o600 });
  const { status, out } = await ckptest(['inspect', '--output', 'json', cut]);
  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    schema: 'ckptest/inspection/v1',
    file: cut,
    findings: expect.arrayContaining([expect.objectContaining({ id: 'archive/format/is-a-plain-tar' })]),
  });
});

test.each([
  [['inspect', '/nowhere/at/all.tar'], /^ckptest: \/nowhere\/at\/all\.tar: there is no such file\n$/],
  [['inspect'], /missing required argument/],
  [['inspect', 'one', 'two'], /too many arguments/],
  [['inspect', '--output', 'tap', 'one'], /--output/],
])('%j gives one sentence and exit status 2', async (args, sentence) => {
  const { status, out, err } = await ckptest(args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(sentence);
});
