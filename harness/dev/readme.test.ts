// The examples in the README work: every command in its `sh` blocks is run as it is written.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import { WORKLOAD_ANNOTATIONS, WORKLOAD_IMAGES } from '../../fakes/runtime/state/chosen-workload';
import packageJson from '../../package.json';
import { RUN_FLAGS } from '../commands/run-flags';
import * as library from '../index';
import type { TestRunner } from '../jest';
import * as jestBinding from '../jest';
import { ckptest } from '../testing/command-line';

const MAX_TEST_MS = 60_000;
const readme = fs.readFileSync(path.join(__dirname, '../../README.md'), 'utf8');
const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .map((line) => {
    const [command = '', note = ''] = line.split('  # ');
    return { command, note, args: command.split(' ').slice(2) };
  });

/** Commands that need a real runtime are tested separately below. */
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

test('every npm script that it names exists', () => {
  const named = [...readme.matchAll(/npm (?:run )?(start|test|[a-z]+(?::[a-z]+)?)\b/g)].map(([, name]) => name);
  expect(
    named.filter((name) => name !== 'ci' && name !== 'registry' && !Object.hasOwn(packageJson.scripts, name ?? '')),
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
