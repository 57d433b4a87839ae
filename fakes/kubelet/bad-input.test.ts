// Tests malicious and malformed input: the kubelet responds or disconnects in bounded time and memory, and writes
// nothing outside its root directory.
import { readdir } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FakeKubelet } from './server';
import { type OnePodNode, onePodNode, post } from './testing/one-pod-node';
import { connectTls, sendRaw } from './testing/raw-client';

let node: OnePodNode;
let kubelet: FakeKubelet;

beforeAll(async () => {
  node = await onePodNode();
  kubelet = await node.start();
});

afterAll(async () => {
  await kubelet.close();
  await node[Symbol.asyncDispose]();
});

const statuses = (answer: string) =>
  (answer.match(/HTTP\/1\.[01] [0-9]{3}/g) ?? []).map((line) => Number(line.slice(9)));
const HEAD = 'POST /checkpoint/a/b/c HTTP/1.1\r\nHost: x\r\n';
const HIDDEN = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

describe('a request that hides another one', () => {
  test.each([
    [
      'a length and chunks',
      `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
      [404, 200],
    ],
    ['two lengths', `${HEAD}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`, [400]],
    ['a length with a sign', `${HEAD}Content-Length: +5\r\n\r\nhello${HIDDEN}`, [400]],
    ['a length in hexadecimal', `${HEAD}Content-Length: 0x5\r\n\r\nhello${HIDDEN}`, [400]],
    ['two codings', `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`, [501]],
    [
      'chunked twice',
      `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
      [501],
    ],
    ['a space before the colon', `${HEAD}Content-Length : 5\r\n\r\nhello${HIDDEN}`, [400]],
    ['a chunk size with a sign', `${HEAD}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n${HIDDEN}`, [404]],
    ['a huge chunk size', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1ffffffffffffffff\r\nx${HIDDEN}`, [404]],
    ['a NUL in a header', `${HEAD}X: a\0b\r\n\r\n${HIDDEN}`, [400]],
    ['two hosts', `${HEAD}Host: y\r\n\r\n${HIDDEN}`, [400]],
    ['a bare carriage return', `POST /checkpoint/a/b/c HTTP/1.1\rHost: x\r\n\r\n${HIDDEN}`, [400]],
  ])('with %s does not make the kubelet handle the hidden request', async (_, bytes, expected) => {
    expect(statuses(await sendRaw(kubelet, bytes))).toEqual(expected);
  });
});

describe('without TLS, the TLS port', () => {
  const plain = (bytes: string) =>
    new Promise<string>((resolve) => {
      const socket = connectPlain(Number(new URL(kubelet.url).port), '127.0.0.1', () => socket.end(bytes));
      let text = '';
      socket.on('data', (part) => {
        text += part.toString();
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });

  test.each(['GET / HTTP/1.1', 'POST /checkpoint/a/b/c HTTP/1.1', 'OPTIONS * HTTP/1.0'])(
    'explains the mistake to a client that sends %s',
    async (line) => {
      expect(await plain(`${line}\r\nHost: x\r\n\r\n`)).toBe(
        'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
      );
    },
  );

  test.each(['PATCH / HTTP/1.1\r\n\r\n', 'SSH-2.0-x\r\n', '\x17\x03\x03\x00\x01x', 'GET', ''])(
    'closes the connection without a response after %j',
    async (bytes) => {
      expect(await plain(bytes)).toBe('');
    },
  );
});

test('the preface of HTTP/2 is a bad request', async () => {
  const answer = await sendRaw(kubelet, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  expect(statuses(answer)).toEqual([400]);
  expect(answer).toMatch(/Connection: close\r\n[\s\S]*Content-Length: 0\r\n\r\n$/);
});

test('only the first value of a repeated header is used', async () => {
  const sendLines = (...lines: string[]) =>
    sendRaw(kubelet, `${HEAD}Connection: close\r\n${lines.join('\r\n')}\r\n\r\n`);
  expect(statuses(await sendLines('Accept: text/html', 'Accept: */*'))).toEqual([406]);
  expect(statuses(await sendLines('Accept:', 'Accept: text/html'))).toEqual([404]);
  const bearer = `Authorization: Bearer ${kubelet.credentials.token}`;
  const shown = (...lines: string[]) =>
    sendRaw(kubelet, `${HEAD}Connection: close\r\n${lines.join('\r\n')}\r\n\r\n`, false);
  expect(statuses(await shown(bearer, 'Authorization: Bearer x'))).toEqual([404]);
  expect(statuses(await shown('Authorization: Bearer x', bearer))).toEqual([401]);
  expect(statuses(await shown(bearer.replace('Bearer', 'bEARER')))).toEqual([404]);
  expect(statuses(await shown(bearer.replace('Bearer ', 'Bearer  ')))).toEqual([401]);
  expect(statuses(await shown(bearer.replace('Bearer ', 'Bearer\t')))).toEqual([401]);
});

test('invalid names are treated as unknown names', async () => {
  const before = await readdir(node.directory);
  const names = [
    '..',
    '%2e%2e',
    '%00',
    '%0a',
    '%0d%0aX:%20y',
    '..%2f..%2fetc',
    'x'.repeat(300),
    '%ff%fe',
    '%F0%9F%92%A3',
  ];
  for (const name of names) {
    for (const target of [
      `/checkpoint/${name}/web-n/app`,
      `/checkpoint/shop/${name}/app`,
      `/checkpoint/shop/web-n/${name}`,
    ]) {
      const answer = await post(kubelet, target);
      expect([307, 404]).toContain(answer.status);
      expect(Object.keys(answer.headers)).not.toContain('X');
    }
  }
  expect(await readdir(node.directory)).toEqual(before);
  expect(node.runtime.calls.filter(({ method }) => method === 'CheckpointContainer')).toEqual([]);
});

test('request headers of 2 MB are refused before all of them have arrived', async () => {
  const answer = await sendRaw(kubelet, `${HEAD}${`X-Long: ${'y'.repeat(1000)}\r\n`.repeat(2000)}\r\n`);
  expect(statuses(answer)).toEqual([431]);
});

test('a response is sent without waiting for a request body of 1 GiB', async () => {
  const socket = await connectTls(kubelet);
  const answered = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
  socket.write(`${HEAD}Content-Length: 1073741824\r\n\r\n`);
  socket.write(Buffer.alloc(64 * 1024));
  expect(await answered).toMatch(/^HTTP\/1\.1 404 [\s\S]*Connection: close/);
  socket.destroy();
});

test('2000 slow clients do not delay other clients', async () => {
  const { port } = new URL(kubelet.url);
  const slow = await Promise.all(
    Array.from(
      { length: 2000 },
      () =>
        new Promise<ReturnType<typeof connectPlain>>((resolve, reject) => {
          const socket = connectPlain(Number(port), '127.0.0.1', () => resolve(socket));
          socket.on('error', reject);
        }),
    ),
  );
  // Half of the connections send nothing, and the other half stop during the TLS handshake.
  for (const [i, socket] of slow.entries()) {
    socket.removeAllListeners('error').on('error', () => {});
    if (i % 2 === 0) socket.write(i % 4 === 0 ? Buffer.of(0x16) : Buffer.of(0x16, 3, 1, 2, 0, 1, 0));
  }
  const inHead = await Promise.all(Array.from({ length: 50 }, () => connectTls(kubelet)));
  for (const socket of inHead) socket.write('POST /checkpoint/a/b/c HTT');
  expect((await post(kubelet, '/checkpoint/a/b/c')).status).toBe(404);
  for (const socket of inHead) socket.end('P/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const answers = await Promise.all(
    inHead.map((socket) => new Promise<string>((resolve) => socket.once('data', (part) => resolve(part.toString())))),
  );
  expect(answers.flatMap(statuses)).toEqual(inHead.map(() => 404));
  for (const socket of [...slow, ...inHead]) socket.destroy();
});

test('TLS versions before 1.2 and ciphers that are not configured are refused', async () => {
  const version = (url: string, options: tls.ConnectionOptions) =>
    new Promise<string>((resolve) => {
      const socket = tls.connect(
        { host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false, ...options },
        () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
          socket.destroy();
        },
      );
      socket.on('error', () => resolve('refused'));
    });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  expect(await version(kubelet.url, old)).toBe('refused');
  await using choosy = await node.start({
    rootDirectory: `${node.directory}/choosy`,
    configuration: { tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'], staticPodPath: '' },
  });
  const twelve = { maxVersion: 'TLSv1.2' } as const;
  expect(await version(choosy.url, twelve)).toBe('TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384');
  expect(await version(choosy.url, { ...twelve, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toBe('refused');
  const start = (configuration: object) => node.start({ rootDirectory: `${node.directory}/choosy`, configuration });
  await expect(start({ tlsMinVersion: 'TLS13' })).rejects.toThrow(/^tlsMinVersion TLS13 is not a version of TLS: /);
  await expect(start({ tlsCipherSuites: ['RC4'] })).rejects.toThrow(/^tlsCipherSuites names RC4, /);
});
