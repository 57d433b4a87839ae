// Bytes that a real kubelet was recorded to answer to bytes, malformed ones among them.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeKubelet, startFakeKubelet } from './server';
import { sendRaw } from './testdata/raw-client';
import { type ScriptedRuntime, startScriptedRuntime } from './testdata/scripted-runtime';

interface RawExchange {
  readonly id: string;
  readonly request: string;
  readonly response: string;
}

let runtime: ScriptedRuntime;
let kubelet: FakeKubelet;
let folder: string;

beforeAll(async () => {
  runtime = await startScriptedRuntime();
  folder = await mkdtemp(path.join(tmpdir(), 'raw-'));
  kubelet = await startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(folder, 'root'),
    nodeName: 'node1',
    configuration: { staticPodPath: path.join(__dirname, 'testdata/pods') },
  });
});

afterAll(async () => {
  await kubelet.close();
  await runtime[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const recorded: { readonly exchanges: readonly RawExchange[] } = JSON.parse(
  readFileSync(path.join(__dirname, 'testdata/raw-exchanges.json'), 'utf8'),
);

const END = ' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
/** Where a long request was shortened in the recording: what stands for the rest, given the recorded length. */
const FILL: Readonly<Record<string, (start: string) => string>> = {
  'header-1.1MB': (start) => `${start}${'a'.repeat(1_100_000)}\r\nConnection: close\r\n\r\n`,
  'header-900kB': (start) => `${start}${'a'.repeat(900_000)}\r\nConnection: close\r\n\r\n`,
  'error-over-2048-bytes': (start) => `${start.replace(/x+$/, '')}${'x'.repeat(3000)}${END}`,
};

test.each(recorded.exchanges.map((exchange) => [exchange.id, exchange] as const))(
  '%s',
  async (id, { request, response }) => {
    const bytes = FILL[id]?.(request.replace(/\.\.\.\(.*$/, '')) ?? request;
    const answer = await sendRaw(kubelet, bytes);
    expect(answer.replace(/Date: [^\r]*\r\n/, '').replace('x'.repeat(3000), '{3000 x}')).toBe(response);
  },
);

test('plain HTTP on the TLS port', async () => {
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
