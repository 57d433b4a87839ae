// Tests invalid requests and misbehaving clients: each request gets the right status code and a message, and leaves no
// state behind.
import { readdirSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CriRequestInit, type CriUnaryMethod, criCall, MAX_MESSAGE_BYTES } from '../../../proto/load';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { type TestClient, testClient, until } from '../testing/test-client';

let clock: ManualClock;
let runtime: RuntimeServer;
let client: TestClient;
beforeEach(async () => {
  clock = new ManualClock();
  runtime = await startRuntimeServer({ clock });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

const failure = (method: CriUnaryMethod, request: CriRequestInit<CriUnaryMethod>) => client.failure(method, request);

describe('an unknown id', () => {
  test.each([
    ['StartContainer', 'container_id'],
    ['ContainerStatus', 'container_id'],
    ['UpdateContainerResources', 'container_id'],
    ['ReopenContainerLog', 'container_id'],
    ['ExecSync', 'container_id'],
    ['ContainerStats', 'container_id'],
    ['CheckpointContainer', 'container_id'],
    ['PodSandboxStatus', 'pod_sandbox_id'],
    ['PodSandboxStats', 'pod_sandbox_id'],
    ['UpdatePodSandboxResources', 'pod_sandbox_id'],
    ['CreateContainer', 'pod_sandbox_id'],
  ] as const)('%s reports an unknown id as not found, and an empty id as invalid', async (method, field) => {
    const what = field === 'container_id' ? 'container' : 'sandbox';
    expect(await failure(method, { [field]: 'ffff' })).toMatch(/^5 NOT_FOUND: .*"ffff".*not found$/);
    expect(await failure(method, { [field]: '' })).toBe(`3 INVALID_ARGUMENT: ${what} id must not be empty`);
  });

  test.each([
    ['StopContainer', 'container_id'],
    ['RemoveContainer', 'container_id'],
    ['StopPodSandbox', 'pod_sandbox_id'],
    ['RemovePodSandbox', 'pod_sandbox_id'],
  ] as const)('%s succeeds without effect for an unknown id, and refuses an empty id', async (method, field) => {
    expect(await failure(method, { [field]: 'ffff' })).toBe('OK');
    expect(await failure(method, { [field]: '' })).toMatch(/^3 INVALID_ARGUMENT: .* id must not be empty$/);
  });
});

describe('a missing or conflicting field', () => {
  test('is named in the error message', async () => {
    const pod_sandbox_id = await client.pod();
    const image = { image: 'docker.io/library/busybox:latest' };
    const metadata = { name: 'main' };
    await client.created(pod_sandbox_id);
    const create = (config: CriRequestInit<'CreateContainer'>['config']) =>
      client.failure('CreateContainer', { pod_sandbox_id, config });
    expect(await failure('RunPodSandbox', {})).toMatch(/^3 INVALID_ARGUMENT: sandbox config must not be empty/);
    expect(await failure('RunPodSandbox', { config: {} })).toMatch(/^3 INVALID_ARGUMENT: .*metadata/);
    expect(await create(undefined)).toMatch(/^3 INVALID_ARGUMENT: container config must not be empty/);
    expect(await create({ image })).toMatch(/^3 INVALID_ARGUMENT: .*metadata with a name/);
    expect(await create({ metadata })).toMatch(/^3 INVALID_ARGUMENT: .*image/);
    expect(await create({ metadata, image })).toMatch(/^6 ALREADY_EXISTS: failed to reserve container name/);
    expect(await create({ metadata: { name: 'x' }, image: { image: 'nope' } })).toMatch(/^5 NOT_FOUND: .*"nope"/);
    for (const method of ['ImageStatus', 'PullImage', 'RemoveImage'] as const) {
      expect(await failure(method, {})).toBe('3 INVALID_ARGUMENT: image must not be empty');
    }
  });
});

test('a message above the size limit is refused, and the connection stays open', async () => {
  const labels = { large: 'x'.repeat(MAX_MESSAGE_BYTES) };
  const config = { metadata: { name: 'p', namespace: 'n', uid: 'u' }, labels };
  expect(await client.failure('RunPodSandbox', { config })).toMatch(
    /^8 RESOURCE_EXHAUSTED: grpc: received message larger than max \(\d+ vs. 16777216\)$/,
  );
  await client.call('Version', {});
});

/** Starts a call without a gRPC library, and sends only the given bytes of its message. */
function open(session: http2.ClientHttp2Session, method: 'GetContainerEvents' | 'ExecSync', message: Buffer) {
  const stream = session.request({
    ':method': 'POST',
    ':path': criCall(method).path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': '100S',
  });
  stream.on('error', () => {});
  stream.write(message);
  return stream;
}

test('clients that disconnect during a call leave no timer, listener or file handle', async () => {
  const handles = () => readdirSync('/proc/self/fd').length;
  const container_id = await client.container(await client.pod(), { command: ['nginx'] });
  const resting = clock.pending;
  const before = handles();
  const exec = criCall('ExecSync').requestSerialize({ container_id, cmd: ['sleep', '100'], timeout: 50 });
  const framed = (message: Buffer) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
  };
  for (let round = 0; round < 20; round += 1) {
    const started = runtime.calls.length;
    const session = http2.connect('http://localhost', {
      createConnection: () => net.connect(runtime.endpoint.replace('unix://', '')),
    });
    session.on('error', () => {});
    open(session, 'GetContainerEvents', framed(Buffer.alloc(0))).end();
    open(session, 'ExecSync', framed(exec)).end();
    open(session, 'ExecSync', framed(exec).subarray(0, 9));
    await until(() => runtime.calls.length === started + 2 && clock.pending > resting + 2);
    session.destroy();
    await until(() => runtime.calls.every(({ endedAt }) => endedAt !== undefined));
  }
  await until(() => clock.pending === resting && handles() <= before);
  const cancelled = runtime.calls.filter(({ error }) => error?.code === 'CANCELLED');
  expect(cancelled.length).toBe(40);
  await client.call('Version', {});
});

test('200 clients that subscribe and disconnect leave nothing, and other subscribers still get events', async () => {
  using staying = client.events();
  const sessions = Array.from({ length: 200 }, () => {
    const session = http2.connect('http://localhost', {
      createConnection: () => net.connect(runtime.endpoint.replace('unix://', '')),
    });
    session.on('error', () => {});
    open(session, 'GetContainerEvents', Buffer.alloc(5)).end();
    return session;
  });
  const listening = () => runtime.calls.filter(({ endedAt }) => endedAt === undefined).length;
  await until(() => listening() === 201);
  const timers = clock.pending;
  expect(timers).toBe(200);
  for (const session of sessions) session.destroy();
  await client.pod();
  await until(() => staying.seen.length === 2 && listening() === 1);
  expect(clock.pending).toBe(0);
});
