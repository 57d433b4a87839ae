// Tests `ckptest inspect` as a user runs it: exit status, one JSON document, one sentence for a mistake.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bytesOf, partsOf, withContent, writePrivate } from '../inspect/testing/rebuild';
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

test('counts findings from a severity on', async () => {
  for (const [severity, status] of [
    ['error', 0],
    ['warning', 0],
    ['note', 1],
  ] as const)
    expect((await ckptest(['inspect', '--severity', severity, archive])).status).toBe(status);
});

test('prints several archives as a list, and one that cannot be read with its reason', async () => {
  const { status, out } = await ckptest(['inspect', '--output', 'json', archive, '/nowhere.tar']);
  expect(status).toBe(2);
  expect(JSON.parse(out)).toEqual([
    expect.objectContaining({ file: archive, kind: 'container' }),
    { file: '/nowhere.tar', error: '/nowhere.tar: there is no such file' },
  ]);
  const text = (await ckptest(['inspect', archive, '/nowhere.tar'])).out;
  expect(text).toMatch(/^1 note\n[\s\S]*^\/nowhere\.tar: there is no such file$/m);
});

test('prints a directory as a table, the newest checkpoint first', async () => {
  const checkpoints = path.join(directory, 'checkpoints');
  await fs.mkdir(checkpoints);
  const at = async (time: string, name: string) => {
    const change = withContent('config.dump', (content) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(content.toString()), checkpointedTime: time })),
    );
    const bytes = bytesOf(change(await partsOf('cri-o-1.37')));
    await fs.writeFile(path.join(checkpoints, name), gzipSync(bytes), { mode: 0o600 });
  };
  await at('2027-01-01T00:00:00.123Z', 'a.tar.gz');
  await at('2027-01-03T00:00:00Z', 'b.tar');
  await at('2027-01-02T00:00:00Z', 'c.tar');
  await fs.writeFile(path.join(checkpoints, 'notes.txt'), '');
  await fs.writeFile(path.join(checkpoints, 'd.tar'), 'x');
  const { status, out } = await ckptest(['inspect', checkpoints]);
  expect(status).toBe(2);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(lines[0]).toEqual(['CONTAINER', 'POD', 'RUNTIME', 'MADE', 'SIZE', 'MEMORY', 'FINDINGS', 'FILE']);
  expect(lines.slice(1).map((cells) => path.basename(cells.at(-1) ?? ''))).toEqual([
    'b.tar',
    'c.tar',
    'a.tar.gz',
    'd.tar',
  ]);
  expect(lines[3]?.slice(0, 4)).toEqual(['counter', 'default/counter-node1', 'cri-o', '2027-01-01T00:00:00Z']);
  expect(lines[4]?.[6]).toMatch(/it is not a tar archive$/);
});

test('writes a page that only its owner can read', async () => {
  const page = path.join(directory, 'page.html');
  expect((await ckptest(['inspect', '--html', page, archive])).status).toBe(0);
  expect((await fs.stat(page)).mode & 0o777).toBe(0o600);
  expect(await fs.readFile(page, 'utf8')).toMatch(/^<!doctype html>/);
  const missing = await ckptest(['inspect', '--html', path.join(directory, 'none/page.html'), archive]);
  expect(missing).toMatchObject({
    status: 2,
    err: expect.stringMatching(/^ckptest: --html .*: it cannot be written \(ENOENT\)\n$/),
  });
  expect((await ckptest(['inspect', '--html', page, archive, archive])).err).toBe(
    'ckptest: --html: give one archive\n',
  );
});

test('compares two archives', async () => {
  expect(await ckptest(['inspect', '--diff', archive, archive])).toEqual({
    status: 0,
    out: 'no differences\n',
    err: '',
  });
  const { status, err } = await ckptest(['inspect', '--diff', archive]);
  expect({ status, err }).toEqual({ status: 2, err: 'ckptest: --diff: give two archives, the earlier one first\n' });
});

test('reads standard input: a pipe, and a file', async () => {
  const command = `${process.execPath} ${path.join(__dirname, '../../dist/harness/cli.js')} inspect --output json -`;
  const run = (input: string) =>
    JSON.parse(
      execFileSync('sh', ['-c', `${input.includes('|') ? `${input} ${command}` : `${command} ${input}`}`]).toString(),
    );
  for (const inspection of [run(`gzip -c ${archive} |`), run(`cat ${archive} |`), run(`< ${archive}`)])
    expect(inspection).toMatchObject({
      file: '-',
      container: { name: 'counter' },
      findingCounts: { error: 0, warning: 0 },
    });
});

test.each([
  [['inspect', '/nowhere/at/all.tar'], /^ckptest: \/nowhere\/at\/all\.tar: there is no such file\n$/],
  [['inspect'], /missing required argument/],
  [['inspect', '--severity', 'any', 'one'], /--severity/],
  [['inspect', '--output', 'tap', 'one'], /--output/],
])('%j gives one sentence and exit status 2', async (args, sentence) => {
  const { status, out, err } = await ckptest(args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(sentence);
});
