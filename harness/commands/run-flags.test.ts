// Tests that the command line, the file and the repeat command know every flag in the table.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { yaml } from '../base/yaml';
import { readRunFile } from './run-file';
import { asCommandLine, camelCase, type FlagKind, RUN_FLAGS, type RunFlag, type RunFlags } from './run-flags';
import { runOptions, runSettings } from './run-options';

const SAMPLES: Readonly<Record<FlagKind, string | number | boolean | readonly string[]>> = {
  string: 'some',
  strings: ['one', '--two=2'],
  path: 'near/file',
  program: './kubelet',
  list: 'known.yaml',
  mapping: '/var/lib=mnt',
  number: 7,
  switch: true,
};
/** The expected values of flags that contain a path. Paths are resolved against the directory of the file. */
const SEEN_FROM: Readonly<Partial<Record<FlagKind, string>>> = {
  path: 'DIRECTORY/near/file',
  program: 'DIRECTORY/kubelet',
  list: 'DIRECTORY/known.yaml',
  mapping: '/var/lib=DIRECTORY/mnt',
};

const FLAGS: readonly RunFlag[] = RUN_FLAGS;
const sample = ({ kind, choices }: RunFlag) => choices?.at(-1) ?? SAMPLES[kind];

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-run-flags-'));
  file = path.join(directory, 'config.yaml');
});
afterEach(() => fs.rm(directory, { recursive: true }));

const write = (settings: object) => fs.writeFile(file, yaml().stringify(settings));

function parsed(args: readonly string[]): RunFlags {
  const command = runOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse([...args], { from: 'user' }).opts();
}

test.each(FLAGS.filter(({ isCommandLineOnly }) => !isCommandLineOnly))('a file may set $name', async (flag) => {
  await write({ [flag.name]: sample(flag) });
  const wanted = flag.choices ? sample(flag) : (SEEN_FROM[flag.kind]?.replace('DIRECTORY', directory) ?? sample(flag));
  expect(readRunFile(file)).toEqual({ [camelCase(flag.name)]: wanted });
});

test('the repeat command contains everything that was given, with the same meaning', () => {
  const given = Object.fromEntries(FLAGS.map((flag) => [camelCase(flag.name), sample(flag)]));
  const again = asCommandLine(given, 'target', 'judging', 'choice', 'output');
  expect(parsed(again)).toEqual(given);
  expect(Object.keys(given)).toHaveLength(FLAGS.length);
});

test('flags that select specs or say where results go are not in the command that repeats one spec', () => {
  const args = ['--seed', '1', '--focus', 'x', '--report-dir', 'r', '--repeat', '2', '--kubernetes-version', 'v1.30.0'];
  const { given, chosenBy } = runSettings(parsed(args), {});
  expect([given, chosenBy]).toEqual([
    ['--kubernetes-version', 'v1.30.0', '--repeat', '2'],
    ['--focus', 'x'],
  ]);
});

test('the command line wins over the environment, and the environment over the file', async () => {
  await write({
    'runtime-endpoint': 'unix:///file',
    node: 'n',
    kubeconfig: 'k',
    repeat: 3,
    'kubernetes-version': 'v1',
  });
  const of = (args: readonly string[], environment = {}) =>
    runSettings(parsed(['--config', file, ...args]), environment);
  expect(of([])).toMatchObject({
    node: 'n',
    kubeconfig: path.join(directory, 'k'),
    times: 3,
    given: ['--config', file],
  });
  expect(of(['--repeat', '4'], { KUBECONFIG: '/e' })).toMatchObject({
    times: 4,
    kubeconfig: '/e',
    kubernetesVersion: 'v1',
  });
  await write({ 'runtime-endpoint': 'unix:///file' });
  const [fileFlags, environment] = [of([]), of([], { CONTAINER_RUNTIME_ENDPOINT: 'unix:///e' })];
  expect([fileFlags.runtimeEndpoint, environment.runtimeEndpoint]).toEqual(['unix:///file', 'unix:///e']);
});

test('an endpoint can be the path of a socket, as in crictl', async () => {
  await write({ 'image-endpoint': '/run/images.sock' });
  const args = ['--config', file, '--runtime-endpoint', '/run/x.sock'];
  expect(runSettings(parsed(args), {})).toMatchObject({
    runtimeEndpoint: 'unix:///run/x.sock',
    imageEndpoint: 'unix:///run/images.sock',
  });
});

test('the name of a built-in list of known failures is not a path, and neither is a program without a slash', async () => {
  await write({ 'known-failures': 'containerd-2.1', 'kubelet-binary': 'kubelet' });
  expect(readRunFile(file)).toEqual({ knownFailures: 'containerd-2.1', kubeletBinary: 'kubelet' });
});

test.each([
  [{ focu: 'x' }, /unknown key focu; known are .*\bfocus\b/],
  [{ config: 'x' }, /unknown key config; /],
  [{ repeat: 0 }, /: repeat is 0: give a whole number from 1 to 1000$/],
  [{ timeout: 'soon' }, /: timeout is soon: give a number of seconds above 0$/],
  [{ profile: 'all' }, /: profile cannot be all; choose from .*runtime/],
  [{ sonobuoy: 'yes please' }, /: sonobuoy is not true or false$/],
  [{ container: [{}] }, /: container is not a string or a number$/],
  [{ image: ['a'] }, /: image is not a string or a number$/],
])('%j gives one sentence', async (settings, sentence) => {
  await write(settings);
  expect(() => readRunFile(file)).toThrow(sentence);
});
