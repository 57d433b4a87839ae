// Tests the HTTPS endpoint: credentials, connections, and interceptors.
import { connect as connectPlain, createServer as createPlainServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FakeKubelet } from './server';
import { type OnePodNode, onePodNode, post } from './testing/one-pod-node';
import { connectTls, send, sendRaw } from './testing/raw-client';

let node: OnePodNode;

beforeEach(async () => {
  node = await onePodNode();
});

afterEach(async () => {
  await node[Symbol.asyncDispose]();
});

describe('credentials:', () => {
  test('the token is accepted with the scheme `bearer` in any case', async () => {
    await using kubelet = await node.start();
    const { token } = kubelet.credentials;
    const postWith = (authorization: string) => post(kubelet, '/checkpoint/a/b/c', { authorization }, 'none');
    expect((await postWith(`Bearer ${token}`)).status).toBe(404);
    expect((await postWith(`bEARER ${token}`)).status).toBe(404);
    expect((await postWith(`Bearer ${token}x`)).status).toBe(401);
    expect((await postWith(`Basic ${token}`)).status).toBe(401);
    expect((await postWith(`Bearer ${'x'.repeat(100_000)}`)).status).toBe(401);
    expect(kubelet.requests.map(({ user, status: code }) => [user, code])).toEqual([
      ['admin', 404],
      ['admin', 404],
      [undefined, 401],
      [undefined, 401],
      [undefined, 401],
    ]);
    expect(JSON.stringify(kubelet.requests)).not.toContain(token);
  });

  test('a certificate of another authority is refused, even if anonymous requests are allowed', async () => {
    await using other = await node.start({ rootDirectory: path.join(node.directory, 'other') });
    await using kubelet = await node.start({ configuration: { anonymous: true } });
    const mixed = {
      ...kubelet,
      credentials: {
        ...kubelet.credentials,
        clientCertificate: other.credentials.clientCertificate,
        clientKey: other.credentials.clientKey,
      },
    };
    const certificateOnly: FakeKubelet = { ...mixed };
    expect((await post(certificateOnly, '/checkpoint/a/b/c')).status).toBe(401);
    expect((await post(kubelet, '/checkpoint/a/b/c', {}, 'none')).status).toBe(404);
  });
});

describe('connections', () => {
  test('stay open, and pipelined requests get their responses in order', async () => {
    await using kubelet = await node.start();
    const bytes = [
      'POST /checkpoint/a/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /',
      'POST /checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      '\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ].join('');
    const answer = await sendRaw(kubelet, bytes);
    expect(answer.match(/HTTP\/1\.1 [0-9]+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 307', 'HTTP/1.1 200']);
    expect(answer.match(/Connection: .*/g)).toEqual(['Connection: close']);
  });

  test('are closed after a request body that is too long, and the client can still read the response', async () => {
    await using kubelet = await node.start();
    const head = 'POST /checkpoint/a/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n';
    const answer = await sendRaw(kubelet, head + 'x'.repeat(1_000_000));
    expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[\s\S]*Connection: close\r\n\r\npod does not exist$/);
  });

  test('a name that is not valid UTF-8 is returned unchanged', async () => {
    await using kubelet = await node.start();
    const socket = await connectTls(kubelet);
    socket.write('POST /checkpoint/shop/web-n/%FF%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part);
    const answer = Buffer.concat(parts).toString('latin1');
    expect(answer).toMatch(/\r\nContent-Type: application\/octet-stream\r\n/);
    expect(answer.endsWith('\r\n\r\ncontainer \xff\x00 does not exist')).toBe(true);
  });
});

test('HTTP interceptors see the user, can change it, and can respond', async () => {
  const seen: unknown[] = [];
  await using kubelet = await node.start({
    http: [
      async (request, next) => {
        seen.push(request.user?.name);
        if (request.target === '/teapot') return { status: 418, headers: [['X-Own', '1']], body: 'short' };
        const { user: _, ...withoutUser } = request;
        return next(withoutUser);
      },
    ],
  });
  expect(await post(kubelet, '/teapot')).toEqual({
    status: 418,
    headers: { 'X-Own': '1', 'Content-Length': '5', 'Content-Type': 'text/plain; charset=utf-8' },
    body: 'short',
  });
  expect((await post(kubelet, '/checkpoint/a/b/c')).status).toBe(401);
  // The kubelet does not authenticate clients for paths that it does not serve.
  expect(seen).toEqual([undefined, 'admin']);
});

test('the redirect of a GET request has a body', async () => {
  await using kubelet = await node.start();
  const answer = await send(kubelet, { method: 'GET', path: '/checkpoint?a=1&b', client: 'client certificate' });
  expect(answer).toEqual({
    status: 307,
    headers: { 'Content-Type': 'text/html; charset=utf-8', Location: '/checkpoint/?a=1&b', 'Content-Length': '58' },
    body: '<a href="/checkpoint/?a=1&amp;b">Temporary Redirect</a>.\n\n',
  });
});

test('the read-only port needs no credentials and has no checkpoint route', async () => {
  const free = await new Promise<number>((resolve) => {
    const server = createPlainServer();
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
  await using kubelet = await node.start({ configuration: { readOnlyPort: free } });
  expect(kubelet.readOnlyUrl).toBe(`http://127.0.0.1:${free}`);
  const answer = (text: string) =>
    new Promise<string>((resolve) => {
      const parts: Buffer[] = [];
      const socket = connectPlain(free, '127.0.0.1', () => socket.write(text));
      socket.on('data', (part) => parts.push(part));
      socket.on('close', () => resolve(Buffer.concat(parts).toString()));
    });
  expect(await answer('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 200 OK\r\n/,
  );
  expect(await answer('POST /checkpoint/shop/web-n/app HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*\r\n\r\n404 page not found\n$/,
  );
});

test.each(['/checkpoint', '/logs', '/runningpods', '/stats'])(
  '%s is redirected before the client is authenticated',
  async (path) => {
    await using kubelet = await node.start();
    expect(await post(kubelet, path, {}, 'none')).toMatchObject({ status: 307, headers: { Location: `${path}/` } });
  },
);
