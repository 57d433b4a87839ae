// Tests `ckptest kubelet`, started like a kubelet: flags have precedence over the file, mistakes give one sentence, and
// nothing is left behind.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type RuntimeServer, startRuntimeServer } from '../../fakes/runtime/server';
import { main } from '../cli';

let directory: string;
let runtime: RuntimeServer;

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'kubelet-command-'));
  runtime = await startRuntimeServer();
});

afterEach(async () => {
  await runtime.close();
  await fs.rm(directory, { recursive: true, force: true });
});

/** Starts the command and waits until it prints its first line or ends. */
async function started(args: readonly string[]) {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const end = new AbortController();
  const status = main(['kubelet', '--root-dir', path.join(directory, 'root'), ...args], streams, end.signal);
  const line = new Promise<string>((resolve) => streams.out.once('data', (text) => resolve(String(text))));
  const first = await Promise.race([line, status.then(() => '')]);
  const stop = async () => {
    end.abort();
    return { status: await status, err: String(streams.err.read() ?? '') };
  };
  return { first, stop };
}

test('accepts the file and flags of a kubelet, and leaves nothing behind', async () => {
  const config = path.join(directory, 'kubelet.yaml');
  const manifests = path.join(directory, 'manifests');
  await fs.mkdir(manifests);
  await fs.writeFile(
    config,
    `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: 1
staticPodPath: ${manifests}
authentication: {webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
failSwapOn: false
surprise: 1
`,
  );
  const { first, stop } = await started([
    '--config',
    config,
    '--container-runtime-endpoint',
    runtime.endpoint,
    '--hostname-override=n',
    '--port=0',
    '--v=4',
    '--fail-swap-on',
    '--anonymous-auth',
    '--feature-gates=ContainerCheckpoint=false,Other=true',
    '--output=json',
  ]);
  const facts: Record<string, string> = JSON.parse(first);
  expect(Object.keys(facts)).toEqual([
    'kubelet',
    'rootDir',
    'certificateAuthority',
    'clientCertificate',
    'clientKey',
    'token',
  ]);
  const rootNames = () => fs.readdir(path.join(directory, 'root'));
  expect(await rootNames()).toEqual(['.ckptest-lock']);
  const { status, err } = await stop();
  expect(await rootNames()).toEqual([]);
  expect(status).toBe(0);
  expect(err).toBe(
    `ckptest: ${config} has fields that a kubelet would warn about: unknown: surprise (line 8).\nckptest: ${config} sets fields that have no effect on the fake kubelet: failSwapOn.\n`,
  );
  await expect(fs.access(facts['clientKey'] ?? '')).rejects.toThrow();
});

test.each([
  [['--config', '/nowhere.yaml'], /^ckptest: The configuration file \/nowhere\.yaml cannot be read/],
  [['--authorization-mode', 'RBAC'], /^ckptest: --authorization-mode RBAC: give AlwaysAllow or Webhook/],
  [['--authorization-mode', 'Webhook'], /^ckptest: authorization\.mode: Webhook .* need an API server/],
  [
    ['--kubeconfig', '/nowhere', '--authorization-mode', 'Webhook'],
    /^ckptest: The kubeconfig \/nowhere cannot be read/,
  ],
  [['--runtime-request-timeout', '5'], /^ckptest: --runtime-request-timeout 5: give a duration/],
  [['--anonymous-auth=yes'], /^ckptest: --anonymous-auth yes: give true or false/],
  [['--nonsense'], /unknown option '--nonsense'/],
])('%j gives one sentence and exit status 2', async (args, sentence) => {
  const { first, stop } = await started(['--container-runtime-endpoint', runtime.endpoint, '--port=0', ...args]);
  expect(first).toBe('');
  const { status, err } = await stop();
  expect({ status, err }).toEqual({ status: 2, err: expect.stringMatching(sentence) });
  expect(await fs.readdir(directory)).toEqual([]);
});
