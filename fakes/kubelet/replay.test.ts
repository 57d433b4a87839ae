// What a real kubelet was recorded to answer, asked of the fake one: status, headers, body.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FakeKubelet, startFakeKubelet } from './server';
import { type RecordedRequest, type RecordedResponse, send } from './testdata/raw-client';
import { Fail, type ScriptedRuntime, startScriptedRuntime } from './testdata/scripted-runtime';

interface Exchange {
  readonly id: string;
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}

const TIME = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})/;
const RECORDED_SOCKET = '/run/containerd/containerd.sock';

function recording(name: string): readonly Exchange[] {
  const file: { readonly exchanges: readonly Exchange[] } = JSON.parse(
    readFileSync(path.join(__dirname, 'testdata', name), 'utf8'),
  );
  return file.exchanges;
}

const exchanges = recording('exchanges.json');

let runtime: ScriptedRuntime;
let folder: string;

const startKubelet = (configuration: Parameters<typeof startFakeKubelet>[0]['configuration']) =>
  startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(folder, 'root'),
    nodeName: 'node1',
    configuration: { staticPodPath: path.join(__dirname, 'testdata/pods'), ...configuration },
  });

/** The recording with this machine's places in it; a length is left out where the recording leaves it out. */
async function expectAnswer(kubelet: FakeKubelet, exchange: Exchange): Promise<void> {
  const answer = await send(kubelet, exchange.request);
  const socket = runtime.endpoint.slice('unix://'.length);
  const body = answer.body
    .replaceAll(kubelet.rootDirectory, '{ROOT}')
    .replace(TIME, '{TIME}')
    .replaceAll(socket, RECORDED_SOCKET);
  const { 'Content-Length': length, ...headers } = answer.headers;
  const { 'Content-Length': recordedLength, ...others } = exchange.response.headers;
  const isExact = recordedLength !== undefined && body === answer.body;
  const expected = isExact ? exchange.response.headers : others;
  expect({ status: answer.status, headers: isExact ? answer.headers : headers, body }).toEqual({
    ...exchange.response,
    headers: expected,
  });
  if (answer.body !== '' && length !== undefined) expect(Number(length)).toBe(Buffer.byteLength(answer.body));
}

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
