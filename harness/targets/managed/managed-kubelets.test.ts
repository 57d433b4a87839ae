// Tests how a kubelet process is started. The process gets time to answer, and another port if its port was taken. An
// error contains the last lines that the process printed.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseConfiguration } from '../../../fakes/kubelet/configuration/read-configuration';
import { type KubeletOptions, kubeletOptionsFor } from '../pair/kubelet-options';
import { kubeletFile } from './configuration-file';
import { managedKubelets } from './managed-kubelets';
import { processesWith, writeProgram } from './testing/programs';

let directory: string;
let options: KubeletOptions;

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'managed-kubelets-'));
  const connections = {
    runtimeEndpoint: 'unix:///r.sock',
    imageEndpoint: 'unix:///i.sock',
    clientAuthorities: [],
    kubeconfig: '/a/kubeconfig',
    readOnlyPort: 0,
    apiServer: undefined,
    relay: undefined,
  };
  options = await kubeletOptionsFor(
    directory,
    'node7',
    { featureGate: false, anonymous: true, rootDirectory: 'another' },
    { connections, serving: { certificate: '/c', key: '/k' } },
  );
});
afterEach(async () => {
  expect(await processesWith(directory)).toEqual([]);
  await fs.rm(directory, { recursive: true });
});

/**
 * Starts a script as the kubelet and returns the error. The time limit, in milliseconds, matters only if the script
 * never answers.
 */
async function start(script: string, patienceMs = 60_000): Promise<string> {
  const file = await writeProgram(path.join(directory, 'kubelet'), script);
  const run = managedKubelets({
    binary: { file, version: 'v1.36.2', isFake: false },
    args: ['--v=4'],
    isolation: { wrap: (command) => command },
    patienceMs,
  });
  return run(options, new AbortController().signal).then(
    () => 'it came up',
    (error: Error) => error.message.replaceAll(directory, '').replace(/127\.0\.0\.1:\d+/g, 'HERE'),
  );
}

test('its arguments come before those of the suite', async () => {
  expect(await start('echo "$@" >&2; exit 1')).toBe(
    '--kubelet-binary /kubelet: the kubelet ended with exit status 1 before it answered; its last output:\n' +
      '--v=4 --config /node7/kubelet.yaml --hostname-override node7 --root-dir /node7/another-root --kubeconfig /a/kubeconfig',
  );
});

test('a kubelet that never answers is stopped', async () => {
  expect(await start('echo starting >&2; exec sleep 1000', 3_000)).toMatch(
    /^--kubelet-binary \/kubelet: the kubelet did not answer at https:\/\/HERE within 3 s \(.*ECONNREFUSED.*\); its last output:\nstarting$/,
  );
});

test('if its port was taken it is started again on another one', async () => {
  const tries = path.join(directory, 'tries');
  await start(
    `echo "$@" >> ${tries}; sed -n 's/.*"port": //p' ${options.directory}/kubelet.yaml >> ${tries}; echo "listen tcp: bind: address already in use" >&2; exit 1`,
  );
  const lines = (await fs.readFile(tries, 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(6);
  expect(new Set(lines.filter((line) => /^\d+,$/.test(line))).size).toBe(3);
});

test('its configuration file is valid for the fake kubelet and contains the circumstances', () => {
  const { settings, runtimeEndpoint, imageEndpoint, warnings } = parseConfiguration(
    'kubelet.yaml',
    kubeletFile(options, 10_260),
  );
  expect(warnings.filter((sentence) => sentence.includes('a kubelet would warn of'))).toEqual([]);
  expect({ runtimeEndpoint, imageEndpoint }).toEqual({
    runtimeEndpoint: 'unix:///r.sock',
    imageEndpoint: 'unix:///i.sock',
  });
  expect(settings).toMatchObject({
    address: '127.0.0.1',
    port: 10_260,
    anonymous: true,
    authorization: 'AlwaysAllow',
    featureGates: { ContainerCheckpoint: false },
    tlsCertFile: '/c',
    staticPodPath: path.join(directory, 'node7/manifests'),
    podLogsDir: path.join(directory, 'node7/logs'),
    runtimeRequestTimeoutSeconds: 120,
  });
});
