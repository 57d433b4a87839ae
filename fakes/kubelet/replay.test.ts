// Tests that the fake kubelet's responses have the same status, headers and body as a recorded kubelet's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from './server';
import { expectRecorded, type RecordedExchange, recording } from './testing/recording';
import { Fail, type ScriptedRuntime, startScriptedRuntime } from './testing/scripted-runtime';

const exchanges = recording('exchanges.json');

let runtime: ScriptedRuntime;
let directory: string;

const startKubelet = (configuration: FakeKubeletOptions['configuration'], options: Partial<FakeKubeletOptions> = {}) =>
  startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(directory, 'root'),
    nodeName: 'node1',
    configuration: { staticPodPath: path.join(__dirname, 'testdata/pods'), ...configuration },
    ...options,
  });

const expectAnswer = (kubelet: FakeKubelet, exchange: RecordedExchange) =>
  expectRecorded(kubelet, runtime.endpoint, exchange);

beforeAll(async () => {
  runtime = await startScriptedRuntime();
  directory = await mkdtemp(path.join(tmpdir(), 'replay-'));
});

afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe('with a runtime that checkpoints', () => {
  let kubelet: FakeKubelet;
  beforeAll(async () => {
    kubelet = await startKubelet({});
  });
  afterAll(() => kubelet.close());

  test.each(exchanges.filter(({ id }) => id !== 'cri-down').map((exchange) => [exchange.id, exchange] as const))(
    'the response to %s is as recorded',
    async (_, exchange) => {
      await expectAnswer(kubelet, exchange);
    },
  );

  test('the response to cri-down is as recorded', async () => {
    await runtime.stop();
    for (const exchange of exchanges.filter(({ id }) => id === 'cri-down')) await expectAnswer(kubelet, exchange);
    await runtime.restart();
  });
});

describe('with the circumstances of the recording', () => {
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
    'the response to %s is as recorded',
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
