// Tests that the fake kubelet sends the same bytes as a recorded kubelet, even for malformed requests.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeKubelet, startFakeKubelet } from './server';
import { sendRaw } from './testing/raw-client';
import { comparable, rawExchanges, rawRequest } from './testing/raw-recording';
import { type ScriptedRuntime, startScriptedRuntime } from './testing/scripted-runtime';

let runtime: ScriptedRuntime;
let kubelet: FakeKubelet;
let directory: string;

beforeAll(async () => {
  runtime = await startScriptedRuntime();
  directory = await mkdtemp(path.join(tmpdir(), 'raw-'));
  kubelet = await startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(directory, 'root'),
    nodeName: 'node1',
    configuration: { staticPodPath: path.join(__dirname, 'testdata/pods') },
  });
});

afterAll(async () => {
  await kubelet.close();
  await runtime[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

test.each(rawExchanges.map((exchange) => [exchange.id, exchange] as const))(
  'the bytes of the response to %s are as recorded',
  async (_, exchange) => {
    expect(comparable(await sendRaw(kubelet, rawRequest(exchange)))).toBe(exchange.response);
  },
);

test('a plain HTTP request to the TLS port has the recorded response', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(Number(new URL(kubelet.url).port), '127.0.0.1', () =>
      socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
  });
  expect(answer).toBe('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
});
