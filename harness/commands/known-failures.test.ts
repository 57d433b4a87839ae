// Tests `ckptest known-failures`, which makes a list from a report or updates an existing list.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import type { Spec } from '../../specs/subject/spec';
import { knownFailure, readKnownFailures, readKnownLists } from '../report/known-failures';
import { updatedList } from '../report/update-known-failures';
import { ckptest } from '../testing/command-line';

const MAX_TEST_MS = 60_000;
const MODE = 'runtime/location/existing-mode-is-not-kept';
const RELATIVE = 'runtime/location/relative-is-refused';
const EMPTY = 'runtime/location/empty-is-refused';
const SYMLINK = 'runtime/location/symlink-is-not-followed';
const RUN = ['run', '--persona', 'containerd-2.1', '--focus', `^(${[MODE, RELATIVE, EMPTY].join('|')})$`];

let directory: string;
const at = (name: string) => path.join(directory, name);
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-list-'));
  await ckptest([...RUN, '--report-dir', at('run')]);
}, MAX_TEST_MS);
afterAll(() => fs.rm(directory, { recursive: true }));

const entries = (file: string) => readKnownFailures(at(file), specs);

test('a report becomes a list that a run accepts', async () => {
  const { status, out } = await ckptest(['known-failures', at('run')]);
  expect(status).toBe(0);
  await fs.writeFile(at('new.yaml'), out);
  expect(entries('new.yaml').map(({ id }) => id)).toEqual([MODE, RELATIVE]);
  expect(entries('new.yaml')[0]).toMatchObject({
    link: 'specs/findings.md#mode-kept',
    reason: `it breaks the rule: ${specs.find(({ id }) => id === MODE)?.title}`,
  });
  expect((await ckptest([...RUN, '--known-failures', at('new.yaml')])).out).toMatch(/2 known failures/);
});

test('an update keeps reasons, links, dates and comments, and removes what passes', async () => {
  const entry = (id: string, reason: string, expires: string) =>
    [`- id: ${id}`, `  reason: "${reason}"`, '  link: elsewhere', `  expires: "${expires}"`, ''].join('\n');
  const notTried = entry(SYMLINK, 'not tried here', '2030-01-01');
  const failing = entry(`${MODE} # important`, 'our reason', '2020-01-01');
  await fs.writeFile(at('ours.yaml'), `# Ours.\n${notTried}${entry(EMPTY, 'it passes', '2030-01-01')}${failing}`);
  const { status, out } = await ckptest(['known-failures', at('run/results.json'), '--update', at('ours.yaml')]);
  expect(status).toBe(0);
  expect(out.split('\n').slice(1)).toEqual([
    '1 added, with the title of the rule: say in the reason what happens',
    `  ${RELATIVE}`,
    '1 removed, because the rule holds',
    `  ${EMPTY}`,
    '1 kept, although the report does not say whether they still fail',
    '1 kept as they were',
    '',
  ]);
  const text = await fs.readFile(at('ours.yaml'), 'utf8');
  expect(text.slice(0, text.indexOf(`- id: ${RELATIVE}`))).toBe(`# Ours.\n${notTried}${failing}`);
  expect(entries('ours.yaml').map(({ id }) => id)).toEqual([SYMLINK, MODE, RELATIVE]);
});

test('listed failures of a report keep their reason, and what passes now and then is unsteady', async () => {
  await ckptest([...RUN, '--known-failures', 'containerd-2.1', '--report-dir', at('listed')]);
  const { text } = updatedList('', JSON.parse(await fs.readFile(at('listed/results.json'), 'utf8')), '2030-01-01');
  await fs.writeFile(at('listed.yaml'), text);
  const known = readKnownLists(['containerd-2.1'], specs);
  expect(entries('listed.yaml')).toEqual([MODE, RELATIVE].map((id) => known.find((one) => one.id === id)));
  const run = JSON.parse(await fs.readFile(at('run/results.json'), 'utf8'));
  run.results.find(({ id }: { id: string }) => id === MODE).attempts = ['pass', 'fail'];
  expect(updatedList('', run, '2030-01-01').text.match(/unsteady: true/g)).toHaveLength(1);
});

test('a failure that is listed as unsteady stays unsteady in a list that is made from the report', async () => {
  const listed = { id: MODE, reason: 'now and then', link: 'elsewhere', expires: '2029-01-01', unsteady: true };
  const { results } = JSON.parse(await fs.readFile(at('run/results.json'), 'utf8'));
  const [found] = results.filter(({ id }: { id: string }) => id === MODE);
  const spec = specs.filter(({ id }) => id === MODE)[0] as Spec;
  const reason = knownFailure(spec, [listed], '2028-01-01');
  await fs.writeFile(
    at('unsteady.yaml'),
    updatedList('', { results: [{ ...found, status: 'known-failure', reason }] }, '2030-01-01').text,
  );
  expect(entries('unsteady.yaml')).toEqual([listed]);
});

test('a list that does not exist yet is written', async () => {
  await ckptest(['known-failures', at('run'), '--update', at('absent.yaml')]);
  expect(entries('absent.yaml')).toHaveLength(2);
});

test('a file that is not a report, not a list or not writable gives one sentence', async () => {
  await fs.writeFile(at('other.yaml'), 'a: b');
  for (const [args, says] of [
    [['known-failures', at('none')], /none: it cannot be read/],
    [['known-failures', at('run'), '--update', at('other.yaml')], /other\.yaml: it is not a YAML list/],
    [['known-failures', at('run'), '--update', at('no/such.yaml')], /no\/such\.yaml: cannot be written/],
  ] as const) {
    const { status, err } = await ckptest(args);
    expect([status, err.trim().split('\n')]).toEqual([2, [expect.stringMatching(says)]]);
  }
});
