// What a real kubelet was recorded to answer, asked of the fake one: status, headers, body.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from './server';
import { type Exchange, expectRecorded, recording } from './testdata/recording';
import { Fail, type ScriptedRuntime, startScriptedRuntime } from './testdata/scripted-runtime';

const exchanges = recording('exchanges.json');

let runtime: ScriptedRuntime;
let folder: string;

const startKubelet = (configuration: FakeKubeletOptions['configuration'], options: Partial<FakeKubeletOptions> = {}) =>
  startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(folder, 'root'),
    nodeName: 'node1',
    configuration: { staticPodPath: path.join(__dirname, 'testdata/pods'), ...configuration },
    ...options,
  });

const expectAnswer = (kubelet: FakeKubelet, exchange: Exchange) => expectRecorded(kubelet, runtime.endpoint, exchange);

beforeAll(async () => {
  runtime = await startScriptedRuntime();
  folder = await mkdtemp(path.join(tmpdir(), 'replay-'));
});

afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('a kubelet in front of a runtime that checkpoints', () => {
  let kubelet: FakeKubelet;
  beforeAll(async () => {
    kubelet = await startKubelet({});
  });
  afterAll(() => kubelet.close());

  test.each(exchanges.filter(({ id }) => id !== 'cri-down').map((exchange) => [exchange.id, exchange] as const))(
    '%s',
    async (_, exchange) => {
      await expectAnswer(kubelet, exchange);
    },
  );

  test('cri-down', async () => {
    await runtime.stop();
    for (const exchange of exchanges.filter(({ id }) => id === 'cri-down')) await expectAnswer(kubelet, exchange);
    await runtime.restart();
  });
});

describe('with every name another one', () => {
  /** The names of the recording, as whole words, and what stands for them. */
  const RENAMED: readonly (readonly [RegExp, string])[] = [
    [/node1/g, 'edge-7'],
    [/\bcounter\b/g, 'ticker'],
    [/\bzoo\.v1\b/g, 'ark.v2'],
    [/lab-2/g, 'yard'],
    [/\bplain\b/g, 'bare-0'],
    [/\b(setup|main|done|noimage|c1)\b/g, 'k-$1'],
    [/namespace: default/g, 'namespace: fault'],
    [/\/default\//g, '/fault/'],
    [/_default-/g, '_fault-'],
    [/ default\//g, ' fault/'],
  ];
  const rename = (text: string) => RENAMED.reduce((renamed, [from, to]) => renamed.replace(from, to), text);
  let kubelet: FakeKubelet;

  beforeAll(async () => {
    const manifests = path.join(folder, 'renamed');
    await mkdir(manifests);
    for (const name of ['counter.yaml', 'zoo.yaml', 'plain.yaml']) {
      const text = readFileSync(path.join(__dirname, 'testdata/pods', name), 'utf8');
      const named = name === 'plain.yaml' ? text.replace('name: plain', 'name: plain, namespace: default') : text;
      await writeFile(path.join(manifests, `x-${name}`), rename(named));
    }
    kubelet = await startKubelet(
      { staticPodPath: manifests },
      { nodeName: 'edge-7', rootDirectory: path.join(folder, 'elsewhere/root dir') },
    );
  });
  afterAll(() => kubelet.close());

  const applicable = exchanges.filter(({ id }) => id !== 'cri-down');

  test.each(applicable.map((exchange) => [exchange.id, exchange] as const))(
    '%s',
    async (_, { id, request, response }) => {
      const body = rename(response.body);
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(response.headers))
        headers[name] = name === 'Location' ? rename(value) : value;
      if (headers['Content-Length'] && request.method !== 'HEAD')
        headers['Content-Length'] = String(Buffer.byteLength(body));
      await expectAnswer(kubelet, {
        id,
        request: { ...request, path: rename(request.path) },
        response: { ...response, headers, body },
      });
    },
  );
});

test('no name of the recording stands in the code', () => {
  const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testdata'),
  );
  const code = sources.map((file) => readFileSync(path.join(__dirname, file), 'utf8')).join('\n');
  expect(code.match(/counter|zoo|lab-2|plain-node1|node1|noimage/g)).toBeNull();
});

describe('under other circumstances', () => {
  const fails = (code: status, message: string) => () =>
    runtime.on({
      CheckpointContainer: ({ container_id, location }) => {
        throw new Fail(code, message.replace('{CONTAINER_ID}', container_id).replace('{LOCATION}', location));
      },
    });
  const circumstances: Record<string, { configuration?: object; runtime?: () => void }> = {
    'gate-off': { configuration: { featureGates: { ContainerCheckpoint: false } } },
    'debugging-handlers-off': { configuration: { enableDebuggingHandlers: false, anonymous: true } },
    'anonymous-always-allow': { configuration: { anonymous: true } },
    'not-implemented': { runtime: fails(status.UNIMPLEMENTED, 'method CheckpointContainer not implemented') },
    'criu-missing': {
      runtime: fails(
        status.UNKNOWN,
        'CRIU binary not found or too old (<31600). Failed to checkpoint container "{CONTAINER_ID}": failed to check for criu version: exec: "criu": executable file not found in $PATH',
      ),
    },
    disabled: { runtime: fails(status.UNKNOWN, 'checkpoint/restore support not available') },
    'location-unwritable': { runtime: fails(status.UNKNOWN, 'open {LOCATION}: no such file or directory') },
    'default-timeout-passed': {
      configuration: { runtimeRequestTimeoutSeconds: 2 },
      runtime: fails(status.DEADLINE_EXCEEDED, 'Deadline exceeded'),
    },
  };

  test.each(recording('failure-exchanges.json').map((exchange) => [exchange.id, exchange] as const))(
    '%s',
    async (id, exchange) => {
      const name = Object.keys(circumstances).find((known) => id === known || id.startsWith(`${known}-`)) ?? '';
      const circumstance = circumstances[name];
      runtime.on({ CheckpointContainer: undefined });
      circumstance?.runtime?.();
      await using kubelet = await startKubelet(circumstance?.configuration);
      const [container] = [...runtime.containers.values()].filter(({ metadata }) => metadata?.name === 'counter');
      await expectAnswer(kubelet, {
        ...exchange,
        response: { ...exchange.response, body: exchange.response.body.replace('{CONTAINER_ID}', container?.id ?? '') },
      });
    },
  );
});
