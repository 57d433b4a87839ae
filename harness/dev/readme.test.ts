// Tests that every command in the `sh` blocks of the README and of the pages to which it links works as written.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import { kubeletPersonas } from '../../fakes/deviations/personas/kubelet-personas';
import { runtimePersonas } from '../../fakes/deviations/personas/runtime-personas';
import { WORKLOAD_ANNOTATIONS, WORKLOAD_IMAGES } from '../../fakes/runtime/state/chosen-workload';
import packageJson from '../../package.json';
import { RUN_FLAGS } from '../commands/run-flags';
import * as library from '../index';
import type { TestRunner } from '../jest';
import * as jestBinding from '../jest';
import { knownListNames } from '../report/known-lists';
import { ckptest } from '../testing/command-line';

const MAX_TEST_MS = 60_000;
const ROOT = path.join(__dirname, '../..');
const PAGES = ['README.md', 'fakes/README.md', 'harness/README.md', 'specs/README.md'];
const pageText = (page: string) => fs.readFileSync(path.join(ROOT, page), 'utf8');
const readme = PAGES.map(pageText).join('\n');
const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .map((line) => {
    const [command = '', note = ''] = line.split('  # ');
    return { command, note, args: command.split(' ').slice(2) };
  });

/** Matches commands that need a real runtime. Such commands are tested separately below. */
const NEEDS_A_RUNTIME = /--runtime-endpoint/;

test('there are examples, and all use the command ckptest', () => {
  expect(commands.length).toBeGreaterThan(5);
  for (const { command } of commands) expect(command).toMatch(/^npx ckptest /);
});

test.each(commands.filter(({ command }) => !NEEDS_A_RUNTIME.test(command)))(
  '$command',
  async ({ args, note }) => {
    const end = new AbortController();
    const status = Number(/exits with (\d)/.exec(note)?.[1] ?? 0);
    const stop = note === 'until interrupted' ? () => end.abort() : () => {};
    expect(await ckptest(args, end.signal, stop)).toMatchObject({ status, err: '' });
  },
  MAX_TEST_MS,
);

test('the example with a runtime gives a clear error if there is no runtime', async () => {
  const [example] = commands.filter(({ command }) => NEEDS_A_RUNTIME.test(command));
  const args = example?.args.map((word) => word.replace('/run/containerd/', '/nowhere/'));
  const { status, err } = await ckptest(args ?? []);
  expect(status).toBe(2);
  expect(err).toMatch(/^ckptest: --runtime-endpoint unix:\/\/\/nowhere\/containerd\.sock: .*\n$/);
});

/** Returns the anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

test.each([...PAGES, '.github/CONTRIBUTING.md'])('the links of %s lead to files and headings that exist', (page) => {
  const links = [...pageText(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  const broken = links.filter(([, link = '', anchor]) => {
    const file = link === '' ? page : path.join(path.dirname(page), link);
    if (!fs.existsSync(path.join(ROOT, file))) return true;
    if (anchor === undefined) return false;
    return ![...pageText(file).matchAll(/^#+ (.*)$/gm)].some(([, heading = '']) => anchorOf(heading) === anchor);
  });
  expect(links.length).toBeGreaterThan(0);
  expect(broken.map(([link]) => link)).toEqual([]);
});

test('the README has at most 120 lines', () => {
  expect(pageText('README.md').split('\n').length).toBeLessThanOrEqual(120);
});

test('it names every annotation and image that selects a workload, and no others', () => {
  const documented = [...readme.matchAll(/`(ckptest\.dev\/[a-z-]+)`/g)].map(([, name]) => name);
  expect([...new Set(documented)].sort()).toEqual(
    [...new Set([...WORKLOAD_ANNOTATIONS, ...Object.keys(WORKLOAD_IMAGES)])].sort(),
  );
});

test('its tables name every flag of run', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('| `--'));
  const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/--([a-z-]+)/g)].map(([, name]) => name));
  expect(RUN_FLAGS.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
});

const baseNames = (names: readonly string[]) => [...new Set(names.map((name) => name.split('+')[0]))].sort();
const namesOf = (list: readonly { name: string }[]) => list.map(({ name }) => name);
const [documented = '', oldest = '', ...newer] = baseNames(namesOf(kubeletPersonas));

test.each([
  ['--persona', baseNames(namesOf(runtimePersonas))],
  // The row names the versions as a range.
  ['--kubelet-persona', [documented, oldest, newer.at(-1)]],
  ['--known-failures', baseNames(knownListNames())],
])('its row of %s NAME names them all, and no others', (flag, wanted) => {
  const row = readme.split('\n').find((line) => line.startsWith(`| \`${flag} NAME\``)) ?? '';
  const words = [...row.matchAll(/`([a-z][^`+ ]*)`/g)].map(([, name = '']) => name);
  expect(baseNames(words)).toEqual(wanted);
});

/** Words after `npm` that are npm's own commands. */
const NPM_COMMANDS = ['ci', 'pack', 'install', 'registry'];

test('every npm script that it names exists', () => {
  const named = [...readme.matchAll(/npm (?:run )?(start|test|[a-z]+(?::[a-z]+)?)\b/g)].map(([, name]) => name);
  expect(
    named.filter((name = '') => !NPM_COMMANDS.includes(name) && !Object.hasOwn(packageJson.scripts, name)),
  ).toEqual([]);
});

/** The tests that the examples declare. */
const declared: string[] = [];
const ignore = () => undefined;
const runner: TestRunner = {
  describe: (_, body) => body(),
  test: Object.assign((name: string) => declared.push(name), { skip: ignore }),
  beforeAll: ignore,
  afterAll: ignore,
};
const describeSpecs: typeof jestBinding.describeSpecs = (specs, target, options) =>
  jestBinding.describeSpecs(specs, target, { ...options, runner });

const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);

test.each(examples)(
  'its example runs: %s',
  async (block) => {
    const names = [...block.matchAll(/^import \{ (.*) \} from 'ckptest(?:\/jest)?';$/gm)].map(([, some]) => some);
    const source = `module.exports = async ({ ${names.join(', ')} }) => { ${block.replace(/^import .*$/gm, '')} };`;
    const { code } = transformSync(source, { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
    const holder: { exports?: (ckptest: object) => Promise<void> } = {};
    new Function('module', code)(holder);
    await holder.exports?.({ ...library, describeSpecs });
    expect(holder.exports).toBeDefined();
  },
  MAX_TEST_MS,
);

test('the example for test runners declares a test for every rule of its selection', () => {
  expect(declared.length).toBeGreaterThan(50);
  expect(declared.filter((name) => !name.startsWith('runtime/'))).toEqual([]);
});
