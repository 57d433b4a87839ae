// Tests that no request is so large that a server of the fakes fails: the request is refused or its connection is
// closed, and the server handles the next request.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeApiServer, startFakeApiServer } from './api-server/server';
import { type FakeNode, startFakeNode } from './node/node';
import { testClient } from './runtime/testing/test-client';

const MIB = 1024 * 1024;
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const CHUNK = `10000\r\n${'x'.repeat(0x10000)}\r\n`;

let node: FakeNode;
let api: FakeApiServer;
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeAll(async () => {
  process.on('unhandledRejection', note);
  node = await startFakeNode({ controlAddress: '127.0.0.1:0' });
  api = await startFakeApiServer();
});
afterAll(async () => {
  await node.close();
  await api.close();
  process.off('unhandledRejection', note);
});

/**
 * Requests by name: the headers of each, and the bytes that are sent after them until the server responds or closes the
 * connection.
 */
const REQUESTS: Readonly<Record<string, readonly [head: string, body: string]>> = {
  'a body of a known length': [`Content-Length: ${64 * MIB}\r\n`, 'x'.repeat(MIB)],
  'an endless chunked body': ['Transfer-Encoding: chunked\r\n', CHUNK],
  'endless headers': ['X-A: ', 'x'.repeat(0x10000)],
};

const SERVERS: Readonly<Record<string, () => readonly [url: string, paths: readonly string[]]>> = {
  'the API server': () => [api.url, [REVIEWS, '/nothing', '/api/v1/nodes/n/proxy/pods']],
  'the kubelet': () => [node.url, ['/pods', '/checkpoint/a/b/c', '/nothing']],
  'the control address': () => [node.controlUrl ?? '', ['/faults', '/pods', '/nothing']],
};

/** Returns the client certificate in the kubeconfig for a user in system:masters. */
function credentials({ kubeconfig }: FakeApiServer): { readonly cert: string; readonly key: string } {
  const [{ user }] = JSON.parse(readFileSync(kubeconfig, 'utf8')).users;
  const text = (base64: string) => Buffer.from(base64, 'base64').toString();
  return { cert: text(user['client-certificate-data']), key: text(user['client-key-data']) };
}

function connect(url: string): net.Socket {
  const { hostname: host, port, protocol } = new URL(url);
  const to = { host, port: Number(port) };
  return protocol === 'https:' ? tls.connect({ ...to, rejectUnauthorized: false }) : net.connect(to);
}

/** Sends the request until the server responds or closes the connection. Returns the status, or `cut`. */
function outcome(url: string, path: string, [head, body]: readonly [string, string]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(url);
    let answer = '';
    const more = () => {
      while (body !== '' && socket.writable && socket.write(body));
    };
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('drain', more);
    socket.on('close', () => resolve(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'cut'));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}${head.endsWith('\n') ? '\r\n' : ''}`, more);
  });
}

test.each(Object.keys(SERVERS).flatMap((server) => Object.keys(REQUESTS).map((kind) => [server, kind] as const)))(
  '%s handles the next request after %s',
  async (server, kind) => {
    const [url, paths] = SERVERS[server]?.() ?? ['', []];
    for (const path of paths) expect(await outcome(url, path, REQUESTS[kind] ?? ['', ''])).toMatch(/^(4\d\d|cut)$/);
    expect(await outcome(url, '/healthz', ['Connection: close\r\nContent-Length: 0\r\n', ''])).toMatch(/^[24]\d\d$/);
    expect(unhandled).toEqual([]);
  },
);

test('the runtime handles the next call after a message that is too large', async () => {
  using client = testClient(node.runtime.endpoint);
  const image = { image: 'x'.repeat(17 * MIB), annotations: {} };
  expect(await client.failure('ImageStatus', { image })).toMatch(/^8 RESOURCE_EXHAUSTED/);
  expect(await client.failure('Version', {})).toBe('OK');
});

test('the logs of the kubelet and the runtime are limited in bytes', async () => {
  const target = `/${'x'.repeat(900_000)}`;
  for (let n = 0; n < 25; n++) await outcome(node.url, target, ['Content-Length: 0\r\n', '']);
  const targets = node.kubelet.requests.map((request) => request.target.length);
  expect(targets.at(-1)).toBe(target.length);
  expect(targets.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(16 * MIB);

  using client = testClient(node.runtime.endpoint);
  const image = { image: 'x'.repeat(8 * MIB) };
  for (let n = 0; n < 10; n++) await client.failure('ImageStatus', { image });
  const calls = node.runtime.calls.map(({ request }) => JSON.stringify(request).length);
  expect(calls.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(64 * MIB);
  expect(calls.at(-1)).toBeGreaterThan(8 * MIB);
});

test('a user of the API server with permission gets an error that states the limit', async () => {
  const { cert, key } = credentials(api);
  const answer = await new Promise<string>((resolve, reject) => {
    const options = { method: 'POST', ca: api.authority, cert, key, agent: false };
    const request = https.request(`${api.url}${REVIEWS}`, options, (response) => {
      let text = '';
      response.on('data', (part) => {
        text += String(part);
      });
      response.on('end', () => resolve(`${response.statusCode} ${JSON.parse(text).message}`));
    });
    request.on('error', reject);
    request.end('x'.repeat(4 * MIB));
  });
  expect(answer).toBe('413 Request entity too large: limit is 3145728');
});
