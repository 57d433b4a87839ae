// The whole kubelet in front of a scripted runtime: what it asks of CRI, whom it lets in, how connections are kept.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectPlain, createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../clock';
import { onMethod } from '../wires';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from './server';
import { send, sendRaw } from './testdata/raw-client';
import { Fail, type ScriptedRuntime, startScriptedRuntime } from './testdata/scripted-runtime';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  initContainers: [{name: prepare, image: "x:1", command: [sh, -c, exit 0]}]
  containers:
  - {name: app, image: "x:1", lifecycle: {preStop: {exec: {command: [bye]}}}}
  - {name: once, image: "absent:1", imagePullPolicy: Never}
`;

let folder: string;
let runtime: ScriptedRuntime;
let manifests: string;

beforeEach(async () => {
  runtime = await startScriptedRuntime();
  folder = await mkdtemp(path.join(tmpdir(), 'server-'));
  manifests = path.join(folder, 'pod.yaml');
  await writeFile(manifests, POD);
});

afterEach(async () => {
  await runtime[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const start = ({ configuration, ...options }: Partial<FakeKubeletOptions> = {}) =>
  startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(folder, 'root'),
    nodeName: 'n',
    configuration: { staticPodPath: manifests, ...configuration },
    ...options,
  });

const post = (
  kubelet: FakeKubelet,
  target: string,
  headers: Record<string, string> = {},
  client = 'client certificate',
) => send(kubelet, { method: 'POST', path: target, headers, client });

const methods = () => runtime.calls.map(({ method }) => method);
const untilTrue = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('a checkpoint asks CRI', () => {
  test.each([
    ['', '120', 2],
    ['?timeout=300', '300', 5],
    ['?timeout=5', '120', 2],
    ['?timeout=120', '120', 2],
    ['?timeout=121', '121', 3],
  ])('with %j for field and deadline', async (query, field, minutes) => {
    await using kubelet = await start();
    runtime.calls.length = 0;
    const answer = await post(kubelet, `/checkpoint/shop/web-n/app${query}`);
    expect(answer.status).toBe(200);
    const { items }: { items: string[] } = JSON.parse(answer.body);
    const asked = runtime.calls.filter(({ method }) => method === 'CheckpointContainer');
    const [app] = [...runtime.containers.values()].filter(({ state }) => state === 'CONTAINER_RUNNING');
    expect(asked).toMatchObject([{ request: { container_id: app?.id, location: items[0], timeout: field } }]);
    expect(Math.ceil((asked[0]?.secondsLeft ?? 0) / 60)).toBe(minutes);
    const listing = runtime.calls.filter(({ request }) => JSON.stringify(request).includes('"state":{"state"'));
    expect(listing.map(({ method }) => method)).toEqual(['ListPodSandbox', 'ListContainers']);
  });

  test('nothing where it is refused', async () => {
    await using kubelet = await start();
    runtime.calls.length = 0;
    for (const target of ['/nope/web-n/app', '/shop/web-n/nope', '/shop/web-n/app?timeout=x', '/shop/web/app']) {
      expect((await post(kubelet, `/checkpoint${target}`)).status).toBe(404);
    }
    expect(methods().filter((method) => method === 'CheckpointContainer')).toEqual([]);
  });

  test('and gives up at the deadline, in its own words', async () => {
    const clock = new ManualClock();
    await using kubelet = await start({ clock, podPatienceMs: 100 });
    let asked = false;
    runtime.on({
      CheckpointContainer: () => {
        asked = true;
        return new Promise(() => {});
      },
    });
    const answer = post(kubelet, '/checkpoint/shop/web-n/app?timeout=200');
    await untilTrue(() => asked);
    clock.advance(199_999);
    clock.advance(1);
    expect((await answer).body).toBe(
      'checkpointing of shop/web-n/app failed (rpc error: code = DeadlineExceeded desc = context deadline exceeded)',
    );
  });

  test('and takes the call back when the client leaves', async () => {
    let aborted = false;
    let asked = false;
    const watch = onMethod('CheckpointContainer', (call, next) => {
      asked = true;
      call.signal.addEventListener('abort', () => {
        aborted = true;
      });
      return next(call);
    });
    await using kubelet = await start({ cri: [watch] });
    runtime.on({ CheckpointContainer: () => new Promise(() => {}) });
    const socket = await connect(kubelet);
    socket.write('POST /checkpoint/shop/web-n/app HTTP/1.1\r\nHost: x\r\n\r\n');
    await untilTrue(() => asked);
    socket.destroy();
    await untilTrue(() => aborted);
  });
});

async function connect(kubelet: FakeKubelet): Promise<tls.TLSSocket> {
  const { certificateAuthority, clientCertificate, clientKey } = kubelet.credentials;
  const [ca, cert, key] = await Promise.all(
    [certificateAuthority, clientCertificate, clientKey].map((f) => readFile(f)),
  );
  const socket = tls.connect({ host: '127.0.0.1', port: Number(new URL(kubelet.url).port), ca, cert, key });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

describe('pods', () => {
  test('come up in the order of a kubelet and go with it', async () => {
    const kubelet = await start();
    expect(methods().filter((method) => !method.startsWith('List') && !method.endsWith('Status'))).toEqual([
      'Version',
      'RunPodSandbox',
      'CreateContainer',
      'StartContainer',
      'CreateContainer',
      'StartContainer',
    ]);
    expect(runtime.calls.find(({ method }) => method === 'RunPodSandbox')?.request).toMatchObject({
      config: {
        metadata: { name: 'web-n', namespace: 'shop', attempt: 0 },
        labels: { 'io.kubernetes.pod.name': 'web-n', 'io.kubernetes.pod.namespace': 'shop' },
        annotations: { 'kubernetes.io/config.source': 'file' },
        log_directory: expect.stringMatching(/\/root\/logs\/pods\/shop_web-n_[0-9a-f]{32}$/),
      },
    });
    const created = runtime.calls.filter(({ method }) => method === 'CreateContainer');
    expect(created).toMatchObject([
      { request: { config: { metadata: { name: 'prepare' }, log_path: 'prepare/0.log' } } },
      {
        request: { config: { metadata: { name: 'app' }, image: { image: 'sha256:x:1', user_specified_image: 'x:1' } } },
      },
    ]);
    const listed = JSON.parse(
      (await send(kubelet, { method: 'GET', path: '/pods', client: 'client certificate' })).body,
    );
    expect(listed).toMatchObject({
      kind: 'PodList',
      items: [{ metadata: { name: 'web-n', namespace: 'shop' }, status: { phase: 'Running' } }],
    });
    runtime.calls.length = 0;
    await kubelet.close();
    expect(methods().filter((method) => !method.startsWith('List'))).toEqual([
      'ExecSync',
      'StopContainer',
      'StopPodSandbox',
      'RemoveContainer',
      'RemoveContainer',
      'RemovePodSandbox',
    ]);
    expect(await readdir(path.join(folder, 'root'))).toEqual(['checkpoints']);
  });

  test('are restarted with back-off when they end, and of the dead the latest is kept', async () => {
    const clock = new ManualClock();
    await writeFile(manifests, POD.replace('name: app, ', 'name: app, command: [sh, -c, exit 7], '));
    await using kubelet = await start({ clock, podPatienceMs: 500 });
    expect(kubelet.nodeName).toBe('n');
    const attempts = () => methods().filter((method) => method === 'StartContainer').length - 1;
    for (const attempt of [2, 3]) {
      while (attempts() < attempt) {
        clock.advance(1000);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    const apps = [...runtime.containers.values()].filter(({ metadata }) => metadata?.name === 'app');
    expect(apps.length).toBeLessThanOrEqual(2);
    expect(clock.now() - Date.UTC(2026, 0, 1)).toBeGreaterThanOrEqual(10_000);
  });

  test('left by an earlier kubelet are replaced; others are left alone', async () => {
    runtime.sandboxes.set('foreign', {
      id: 'foreign',
      state: 'SANDBOX_READY',
      labels: { 'io.kubernetes.pod.uid': 'u' },
    });
    const first = await start();
    const [uid] = [...runtime.sandboxes.values()].flatMap(({ id, labels }) =>
      id === 'foreign' ? [] : [labels?.['io.kubernetes.pod.uid']],
    );
    await first.close();
    runtime.sandboxes.set('old', {
      id: 'old',
      state: 'SANDBOX_READY',
      metadata: { attempt: 4 },
      labels: { 'io.kubernetes.pod.uid': uid ?? '' },
    });
    const second = await start();
    expect(runtime.sandboxes.has('old')).toBe(false);
    expect([...runtime.sandboxes.values()].find(({ id }) => id !== 'foreign')?.metadata?.attempt).toBe(5);
    await second.close();
    expect([...runtime.sandboxes.keys()]).toEqual(['foreign']);
  });

  test('that cannot be made do not keep the kubelet from answering', async () => {
    runtime.on({
      RunPodSandbox: () => {
        throw new Fail(status.UNKNOWN, 'no');
      },
    });
    await using kubelet = await start();
    expect((await post(kubelet, '/checkpoint/shop/web-n/app')).body).toMatch(/\(container app not found\)$/);
  });

  test('are left when the runtime is gone', async () => {
    const kubelet = await start();
    await runtime.stop();
    await kubelet.close();
    await runtime.restart();
  });
});

describe('credentials', () => {
  test('the token, spelled as bearer in any case', async () => {
    await using kubelet = await start();
    const { token } = kubelet.credentials;
    const ask = (authorization: string) => post(kubelet, '/checkpoint/a/b/c', { authorization }, 'none');
    expect((await ask(`Bearer ${token}`)).status).toBe(404);
    expect((await ask(`bEARER ${token}`)).status).toBe(404);
    expect((await ask(`Bearer ${token}x`)).status).toBe(401);
    expect((await ask(`Basic ${token}`)).status).toBe(401);
    expect((await ask(`Bearer ${'x'.repeat(100_000)}`)).status).toBe(401);
    expect(kubelet.requests.map(({ user, status: code }) => [user, code])).toEqual([
      ['admin', 404],
      ['admin', 404],
      [undefined, 401],
      [undefined, 401],
      [undefined, 401],
    ]);
    expect(JSON.stringify(kubelet.requests)).not.toContain(token);
  });

  test('a certificate of another authority is refused, even where anybody may ask', async () => {
    await using other = await start({ rootDirectory: path.join(folder, 'other') });
    await using kubelet = await start({ configuration: { anonymous: true } });
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
  test('are kept, and pipelined requests are answered in order, bodies skipped', async () => {
    await using kubelet = await start();
    const bytes = [
      'POST /checkpoint/a/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /',
      'POST /checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      '\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ].join('');
    const answer = await sendRaw(kubelet, bytes);
    expect(answer.match(/HTTP\/1\.1 [0-9]+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 307', 'HTTP/1.1 200']);
    expect(answer.match(/Connection: .*/g)).toEqual(['Connection: close']);
  });

  test('end after a body that is too long to be skipped, and the answer is read nonetheless', async () => {
    await using kubelet = await start();
    const head = 'POST /checkpoint/a/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n';
    const answer = await sendRaw(kubelet, head + 'x'.repeat(1_000_000));
    expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[\s\S]*Connection: close\r\n\r\npod does not exist$/);
  });

  test('a name that is no UTF-8 comes back as it was', async () => {
    await using kubelet = await start();
    const socket = await connect(kubelet);
    socket.write('POST /checkpoint/shop/web-n/%FF%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part);
    const answer = Buffer.concat(parts).toString('latin1');
    expect(answer).toMatch(/\r\nContent-Type: application\/octet-stream\r\n/);
    expect(answer.endsWith('\r\n\r\ncontainer \xff\x00 does not exist')).toBe(true);
  });
});

test('HTTP wrappers see who asks, may change it, and may answer', async () => {
  const seen: unknown[] = [];
  await using kubelet = await start({
    http: [
      async (request, next) => {
        seen.push(request.user?.name);
        if (request.target === '/teapot') return { status: 418, headers: [['X-Own', '1']], body: 'short' };
        const { user: _, ...nobody } = request;
        return next(nobody);
      },
    ],
  });
  expect(await post(kubelet, '/teapot')).toEqual({
    status: 418,
    headers: { 'X-Own': '1', 'Content-Length': '5', 'Content-Type': 'text/plain; charset=utf-8' },
    body: 'short',
  });
  expect((await post(kubelet, '/checkpoint/a/b/c')).status).toBe(401);
  expect(seen).toEqual(['admin', 'admin']);
});

test('a redirected GET has a body', async () => {
  await using kubelet = await start();
  const answer = await send(kubelet, { method: 'GET', path: '/checkpoint?a=1&b', client: 'client certificate' });
  expect(answer).toEqual({
    status: 307,
    headers: { 'Content-Type': 'text/html; charset=utf-8', Location: '/checkpoint/?a=1&b', 'Content-Length': '58' },
    body: '<a href="/checkpoint/?a=1&amp;b">Temporary Redirect</a>.\n\n',
  });
});

test('the read-only port asks nobody who they are, and has no checkpoint', async () => {
  const free = await new Promise<number>((resolve) => {
    const server = createPlainServer();
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
  await using kubelet = await start({ configuration: { readOnlyPort: free } });
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
