// Tests that the fakes respond as recorded if names, root directory, node and time zone are changed. Fixed responses
// would fail.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInThisContext } from 'node:vm';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from '../kubelet/server';
import { send, sendRaw } from '../kubelet/testing/raw-client';
import { comparable, rawExchanges, rawRequest } from '../kubelet/testing/raw-recording';
import { expectRecorded, recording } from '../kubelet/testing/recording';
import { OTHER_NODE, rename, renamed, writeRenamedManifests } from '../kubelet/testing/renaming';
import { Fail, type ScriptedRuntime, startScriptedRuntime } from '../kubelet/testing/scripted-runtime';
import { type FakeApiServer, startFakeApiServer } from './server';

const ZONE = 'Asia/Kathmandu';
let directory: string;
let runtime: ScriptedRuntime;
let zoneBefore: string;

const startKubelet = ({ configuration, ...options }: Partial<FakeKubeletOptions> = {}) =>
  startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(directory, 'elsewhere/root dir'),
    nodeName: OTHER_NODE,
    ...options,
    configuration: { staticPodPath: path.join(directory, 'renamed'), ...configuration },
  });

/** Sets the time zone of the Node process. Jest gives tests a copy of the environment, which Date does not use. */
const setZone = (zone: string) => runInThisContext(`process.env.TZ = ${JSON.stringify(zone)}`);

beforeAll(async () => {
  zoneBefore = String(runInThisContext("process.env.TZ ?? ''"));
  setZone(ZONE);
  directory = await mkdtemp(path.join(tmpdir(), 'renamed-'));
  runtime = await startScriptedRuntime();
  await writeRenamedManifests(path.join(directory, 'renamed'));
});

afterAll(async () => {
  if (zoneBefore) setZone(zoneBefore);
  else runInThisContext('delete process.env.TZ');
  await runtime[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const named = (file: string) => recording(file).map((exchange) => [exchange.id, renamed(exchange)] as const);

describe('with changed names', () => {
  let kubelet: FakeKubelet;
  beforeAll(async () => {
    kubelet = await startKubelet();
  });
  afterAll(() => kubelet.close());

  test.each(named('exchanges.json').filter(([id]) => id !== 'cri-down'))(
    'the response to %s is as recorded',
    async (_, exchange) => {
      await expectRecorded(kubelet, runtime.endpoint, exchange);
    },
  );

  test.each(rawExchanges.map((exchange) => [exchange.id, exchange] as const))(
    'the bytes of %s are as recorded',
    async (_, exchange) => {
      expect(comparable(await sendRaw(kubelet, rename(rawRequest(exchange))))).toBe(rename(exchange.response));
    },
  );

  test('the file name of an archive has the local time of the node', async () => {
    const target = rename('/checkpoint/default/counter-node1/counter');
    const { body } = await send(kubelet, { method: 'POST', path: target, client: 'client certificate' });
    expect(body).toMatch(/-ticker-[0-9-]{10}T[0-9:]{8}\+05:45\.tar"/);
  });
});

describe('with changed names, a refusal because of', () => {
  const fails = (code: status, message: string) => () =>
    runtime.on({
      CheckpointContainer: ({ container_id, location }) => {
        throw new Fail(code, message.replace('{CONTAINER_ID}', container_id).replace('{LOCATION}', location));
      },
    });
  const texts: Readonly<Record<string, string>> = {
    'criu-missing':
      'CRIU binary not found or too old (<31600). Failed to checkpoint container "{CONTAINER_ID}": failed to check for criu version: exec: "criu": executable file not found in $PATH',
    disabled: 'checkpoint/restore support not available',
    'location-unwritable': 'open {LOCATION}: no such file or directory',
  };
  const configurations: readonly (readonly [start: string, FakeKubeletOptions['configuration'] & object])[] = [
    ['gate-off', { featureGates: { ContainerCheckpoint: false } }],
    ['debugging-handlers-off', { enableDebuggingHandlers: false, anonymous: true }],
    ['anonymous-always-allow', { anonymous: true }],
    ['default-timeout-passed', { runtimeRequestTimeoutSeconds: 2 }],
  ];

  test.each(named('failure-exchanges.json'))('%s is as recorded', async (id, exchange) => {
    runtime.on({ CheckpointContainer: undefined });
    const text = texts[id];
    if (text) fails(status.UNKNOWN, text)();
    if (id === 'not-implemented') fails(status.UNIMPLEMENTED, 'method CheckpointContainer not implemented')();
    if (id === 'default-timeout-passed') fails(status.DEADLINE_EXCEEDED, 'Deadline exceeded')();
    const configuration = configurations.find(([start]) => id.startsWith(start))?.[1] ?? {};
    await using kubelet = await startKubelet({ configuration });
    const [container] = [...runtime.containers.values()].filter(({ metadata }) => metadata?.name === 'ticker');
    const body = exchange.response.body.replace('{CONTAINER_ID}', container?.id ?? '');
    await expectRecorded(kubelet, runtime.endpoint, { ...exchange, response: { ...exchange.response, body } });
    runtime.on({ CheckpointContainer: undefined });
  });
});

describe('with changed names and an API server', () => {
  let api: FakeApiServer;
  let kubelet: FakeKubelet;
  beforeAll(async () => {
    const alice = { name: 'alice', uid: 'u1', groups: ['ops'] };
    api = await startFakeApiServer({
      policy: {
        tokens: [
          { token: 'admin', user: alice },
          { token: 'admin-2', user: alice },
          { token: 'nobody', user: { name: 'bob', groups: [] } },
        ],
        rules: [{ users: ['alice'], verbs: ['create'], resources: ['nodes/checkpoint'], names: [OTHER_NODE] }],
      },
    });
    const configuration = { anonymous: true, webhookAuthentication: true, authorization: 'Webhook' } as const;
    kubelet = await startKubelet({ kubeconfig: api.nodeKubeconfig, reviewPauseMs: 1, configuration });
  });
  afterAll(async () => {
    await kubelet.close();
    await api.close();
  });

  test.each(named('auth-exchanges.json'))('the response to %s is as recorded', async (id, exchange) => {
    api.mode = id.startsWith('api-down') ? 'down' : 'ok';
    await expectRecorded(kubelet, runtime.endpoint, exchange);
  });
});
