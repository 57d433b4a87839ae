// The examples of the README do what it says: every command in its `sh` blocks is run as it stands there.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import * as library from '../fakes/index';
import packageJson from '../package.json';
import { ckptest } from './testing';

const LONGEST_TEST_MS = 60_000;
const readme = fs.readFileSync(path.join(__dirname, '../README.md'), 'utf8');
const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .map((line) => {
    const [command = '', note = ''] = line.split('  # ');
    return { command, note, words: command.split(' ').slice(2) };
  });

/** Commands that need what this machine may lack are tried elsewhere. */
const NEEDS_A_RUNTIME = /--runtime-endpoint/;

test('there are examples, all of the one command', () => {
  expect(commands.length).toBeGreaterThan(5);
  for (const { command } of commands) expect(command).toMatch(/^npx ckptest /);
});

test.each(commands.filter(({ command }) => !NEEDS_A_RUNTIME.test(command)))(
  '$command',
  async ({ words, note }) => {
    const end = new AbortController();
    const status = Number(/exits with (\d)/.exec(note)?.[1] ?? 0);
    const stop = note === 'until interrupted' ? () => end.abort() : () => {};
    expect(await ckptest(words, end.signal, stop)).toMatchObject({ status, err: '' });
  },
  LONGEST_TEST_MS,
);

test('the one with a runtime says clearly that there is none, where there is none', async () => {
  const [example] = commands.filter(({ command }) => NEEDS_A_RUNTIME.test(command));
  const words = example?.words.map((word) => word.replace('/run/containerd/', '/nowhere/'));
  const { status, err } = await ckptest(words ?? []);
  expect(status).toBe(2);
  expect(err).toMatch(/^ckptest: --runtime-endpoint unix:\/\/\/nowhere\/containerd\.sock: .*\n$/);
});

test('every npm script that it names is there', () => {
  const named = [...readme.matchAll(/npm (?:run )?(start|test|[a-z]+(?::[a-z]+)?)\b/g)].map(([, name]) => name);
  expect(
    named.filter((name) => name !== 'ci' && name !== 'registry' && !Object.hasOwn(packageJson.scripts, name ?? '')),
  ).toEqual([]);
});

test('its library example runs', async () => {
  const [, block = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
  const [, names = ''] = /^import \{ (.*) \} from 'ckptest';$/m.exec(block) ?? [];
  const source = `module.exports = async ({ ${names} }) => { ${block.replace(/^import .*$/m, '')} };`;
  const { code } = transformSync(source, { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
  const holder: { exports?: (ckptest: typeof library) => Promise<void> } = {};
  new Function('module', code)(holder);
  await holder.exports?.(library);
  expect(holder.exports).toBeDefined();
});
