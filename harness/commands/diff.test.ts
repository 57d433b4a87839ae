// Tests `ckptest diff` on reports of real runs, and the message for each file that is not a report.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ckptest } from '../testing/command-line';

const MAX_TEST_MS = 60_000;
const CHOICE = ['--focus', '^kubelet/status-codes/(unknown|success)'];

let directory: string;
const at = (name: string) => path.join(directory, name);
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-diff-'));
  const runs = [
    ckptest(['run', ...CHOICE, '--report-dir', at('good')]),
    ckptest(['run', ...CHOICE, '--mutant', 'kubelet-unknown-pod-is-500', '--report-dir', at('bad')]),
  ];
  expect((await Promise.all(runs)).map(({ status }) => status)).toEqual([0, 1]);
  const good = JSON.parse(await fs.readFile(at('good/results.json'), 'utf8'));
  await fs.mkdir(at('empty'));
  await fs.writeFile(at('not-json'), '<html>');
  await fs.writeFile(at('other.json'), '{"kind": "Pod"}');
  await fs.writeFile(at('newer.json'), JSON.stringify({ ...good, apiVersion: 'ckptest.report/v9' }));
  await fs.writeFile(at('half.json'), JSON.stringify({ ...good, results: [{ id: 'a/b' }] }));
}, MAX_TEST_MS);
afterAll(() => fs.rm(directory, { recursive: true }));

test('a run compared with itself has no changes', async () => {
  const { status, out, err } = await ckptest(['diff', at('good'), at('good/results.json')]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^nothing changed$/m);
});

test('a rule that newly fails is a regression, shown with its reason', async () => {
  const { status, out } = await ckptest(['diff', at('good'), at('bad')]);
  expect(status).toBe(1);
  expect(out).toMatch(/^before .*good: built-in fake with built-in fake, .*, all 6 rules that could be tried hold$/m);
  expect(out).toMatch(/^after {2}.*bad: built-in fake, with mutant kubelet-unknown-pod-is-500.*, 2 of 6 rules fail$/m);
  expect(out).toMatch(/^Regressions: 2$/m);
  expect(out).toMatch(
    /^ {2}pass -> fail +kubelet\/status-codes\/unknown-pod-is-404\n {6}A request for an unknown pod got HTTP 500/m,
  );
});

test('in the other direction it is a fix', async () => {
  const { status, out } = await ckptest(['diff', at('bad'), at('good')]);
  expect(status).toBe(0);
  expect(out).toMatch(/^2 fixes$/m);
});

test('--output json prints one document', async () => {
  const { status, out } = await ckptest(['diff', at('good'), at('bad'), '--output', 'json']);
  const { apiVersion, before, after, regressions, fixes } = JSON.parse(out);
  expect(status).toBe(1);
  expect(apiVersion).toBe('ckptest.diff/v1');
  expect([before.verdict.exit.status, after.verdict.exit.status]).toEqual([0, 1]);
  expect(regressions).toHaveLength(2);
  expect(fixes).toEqual([]);
});

const MISTAKES: readonly (readonly [what: string, args: () => string[], says: RegExp])[] = [
  ['a missing file', () => [at('none'), at('good')], /none: it cannot be read \(ENOENT.*; write one with ckptest run/],
  ['a directory without results', () => [at('good'), at('empty')], /empty: it cannot be read \(ENOENT/],
  ['no JSON', () => [at('not-json'), at('good')], /not-json: it is not JSON \(/],
  [
    'another document',
    () => [at('other.json'), at('good')],
    /other\.json: it is not a report of ckptest, because it has no apiVersion/,
  ],
  ['another version', () => [at('good'), at('newer.json')], /newer\.json: its apiVersion is "ckptest.report\/v9"/],
  [
    'half a document',
    () => [at('good'), at('half.json')],
    /half\.json: it is not a complete report of ckptest: \/results\/0 must have/,
  ],
  ['one file only', () => [at('good')], /missing required argument 'after'/],
];

test.each(MISTAKES)('%s gives one sentence and exit status 2', async (_, args, says) => {
  const { status, out, err } = await ckptest(['diff', ...args()]);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(says);
  expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
});
