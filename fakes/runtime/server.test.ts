// Tests start and shutdown of the runtime: valid and invalid endpoints, many runtimes at once, misbehaving clients, and
// clean-up.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../base/clock';
import { UserError } from '../base/user-error';
import { startRuntimeServer } from './server';
import { snapshotWriter, testClient, until } from './testing/test-client';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const socket = () => path.join(directory, 'r.sock');
const socketPath = (endpoint: string) => endpoint.replace('unix://', '');
const mode = (file: string) => statSync(file).mode & 0o777;

describe('the endpoint of a runtime', () => {
  test('is by default a private socket in a private directory, and both are removed on shutdown', async () => {
    const runtime = await startRuntimeServer();
    const file = socketPath(runtime.endpoint);
    expect(path.dirname(file)).toBe(runtime.stateDirectory);
    expect([mode(file), mode(runtime.stateDirectory)]).toEqual([0o600, 0o700]);
    await runtime.close();
    await runtime.close();
    expect(existsSync(runtime.stateDirectory)).toBe(false);
  });

  test('may be a socket in a directory that already exists, which is kept on shutdown', async () => {
    {
      await using runtime = await startRuntimeServer({ listen: `unix://${socket()}`, stateDirectory: directory });
      expect(runtime.endpoint).toBe(`unix://${socket()}`);
      expect(mode(socket())).toBe(0o600);
      using client = testClient(runtime.endpoint);
      await client.call('Version', {});
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['tcp://127.0.0.1:0', 'tcp://localhost:0', 'tcp://[::1]:0'])('can be %s', async (listen) => {
    await using runtime = await startRuntimeServer({ listen });
    expect(runtime.endpoint).toMatch(/^tcp:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d+$/);
    using client = testClient(runtime.endpoint);
    await client.call('Version', {});
  });

  test('replaces a socket that a dead process left behind', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(socket())}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(statSync(socket()).isSocket()).toBe(true);
    await using runtime = await startRuntimeServer({ listen: `unix://${socket()}` });
    using client = testClient(runtime.endpoint);
    await client.call('Version', {});
  });

  test('does not replace the socket of a running process', async () => {
    await using first = await startRuntimeServer({ listen: `unix://${socket()}` });
    const second = startRuntimeServer({ listen: `unix://${socket()}` });
    await expect(second).rejects.toThrow('a running process serves it; stop that process, or choose another path');
    using client = testClient(first.endpoint);
    await client.call('Version', {});
  });

  test('has a path of at most 107 bytes', async () => {
    const longest = path.join(directory, 'x'.repeat(106 - directory.length));
    expect(longest.length).toBe(107);
    await using runtime = await startRuntimeServer({ listen: `unix://${longest}` });
    expect(existsSync(socketPath(runtime.endpoint))).toBe(true);
    await expect(startRuntimeServer({ listen: `unix://${longest}x` })).rejects.toThrow(
      'a socket path has at most 107 bytes and this one 108; choose a shorter one',
    );
  });

  test.each([
    ['unix://relative.sock', 'write an absolute path'],
    ['http://localhost:1', 'write unix:///path/of/socket or tcp://127.0.0.1:PORT'],
    ['tcp://127.0.0.1', 'write unix:///path/of/socket or tcp://127.0.0.1:PORT'],
    ['tcp://127.0.0.1:70000', 'write unix:///path/of/socket or tcp://127.0.0.1:PORT'],
    ['tcp://0.0.0.0:0', 'use a loopback address'],
    ['tcp://example.com:1', 'use a loopback address'],
    ['unix://{DIR}/no/r.sock', 'its directory does not exist; create it first'],
    ['unix://{DIR}/file', 'the file exists and is not a socket; choose another path'],
    ['unix://{DIR}/file/r.sock', 'its directory is not a directory; choose another path'],
  ])('the endpoint %s is refused with an explanation', async (listen, message) => {
    writeFileSync(path.join(directory, 'file'), 'x');
    const uri = listen.replace('{DIR}', directory);
    const state = path.join(directory, 'state');
    const failure: unknown = await startRuntimeServer({ listen: uri, stateDirectory: state }).catch((error) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(String(failure)).toContain(`cannot listen at ${uri}: `);
    expect(String(failure)).toContain(message);
    expect(readFileSync(path.join(directory, 'file'), 'utf8')).toBe('x');
  });

  test('a port that is in use is refused with an explanation', async () => {
    await using first = await startRuntimeServer({ listen: 'tcp://127.0.0.1:0' });
    await expect(startRuntimeServer({ listen: first.endpoint })).rejects.toThrow(
      `cannot listen at ${first.endpoint}: it is in use; stop the process that uses it, or choose another endpoint`,
    );
  });
});

test('a second socket can serve kubelets: interceptors see the socket of a call, and both sockets share all state', async () => {
  const seen: unknown[] = [];
  await using runtime = await startRuntimeServer({
    kubeletSocket: true,
    cri: [
      (call, next) => {
        seen.push(call.socket);
        return next(call);
      },
    ],
  });
  const { endpoint, kubeletEndpoint, control } = runtime;
  expect(mode(socketPath(kubeletEndpoint))).toBe(0o600);
  for (const uri of [endpoint, kubeletEndpoint]) {
    using client = testClient(uri);
    await client.pod(`pod-of-${uri}`);
  }
  await control.restart();
  using client = testClient(kubeletEndpoint);
  const { items } = await client.call('ListPodSandbox', {});
  expect(items).toHaveLength(2);
  expect([seen[0], seen.at(-1)]).toEqual(['main', 'kubelet']);
});

test('without a second socket, kubelets connect to the endpoint', async () => {
  await using runtime = await startRuntimeServer();
  expect(runtime.kubeletEndpoint).toBe(runtime.endpoint);
});

test('an invalid image reference prevents the start', async () => {
  await expect(startRuntimeServer({ images: ['NO good'], stateDirectory: directory })).rejects.toThrow('NO good');
  expect(readdirSync(directory)).toEqual([]);
});

test('many runtimes run side by side and share no state', async () => {
  const runtimes = await Promise.all(Array.from({ length: 20 }, () => startRuntimeServer()));
  expect(new Set(runtimes.map(({ endpoint }) => endpoint)).size).toBe(20);
  for (const [n, { endpoint }] of runtimes.entries()) {
    using client = testClient(endpoint);
    await client.pod(`pod-${n}`);
  }
  expect(runtimes.map(({ control }) => control.state().sandboxes.map(({ name }) => name))).toEqual(
    runtimes.map((_, n) => [`pod-${n}`]),
  );
  await Promise.all(runtimes.map((runtime) => runtime.close()));
});

test('close ends calls, connections, workloads and timers, and closes all files', async () => {
  const resources = () =>
    process.getActiveResourcesInfo().filter((name) => /Pipe|TCP|Timeout|FSReq|Connect/.test(name));
  const handles = () => readdirSync('/proc/self/fd').length;
  const baseline = { resources: resources(), handles: handles() };
  const clock = new ManualClock();
  const runtime = await startRuntimeServer({ clock, archiveWriter: snapshotWriter });
  const client = testClient(runtime.endpoint);
  const sandbox = await client.pod('web', { log_directory: directory });
  const id = await client.container(sandbox, { log_path: '0.log' });
  clock.advance(2000);
  const stubborn = await client.container(sandbox, {
    metadata: { name: 'stubborn' },
    command: ['sh', '-c', "trap '' TERM; while true; do sleep 1; done"],
  });
  clock.advance(0);
  const stop = client.failure('StopContainer', { container_id: stubborn, timeout: 1000 });
  const ended = client.failure('CheckpointContainer', { container_id: id, location: path.join(directory, 'a.tar') });
  await ended;
  await until(() => runtime.calls.some(({ method }) => method === 'StopContainer'));
  expect(clock.pending).toBeGreaterThan(0);
  await runtime.close();
  expect(await stop).toMatch(/^(1 CANCELLED|14 UNAVAILABLE)/);
  client[Symbol.dispose]();
  expect(clock.pending).toBe(0);
  await until(() => resources().length <= baseline.resources.length && handles() <= baseline.handles);
});

describe('the runtime survives clients that misbehave:', () => {
  test('bytes that are not HTTP/2', async () => {
    await using runtime = await startRuntimeServer();
    const rude = net.connect(socketPath(runtime.endpoint));
    rude.on('error', () => {});
    rude.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => rude.once('close', resolve).resume());
    using client = testClient(runtime.endpoint);
    await client.call('Version', {});
  });

  test('half a frame and then a disconnect', async () => {
    await using runtime = await startRuntimeServer({ listen: 'tcp://127.0.0.1:0' });
    const session = http2.connect(runtime.endpoint.replace('tcp', 'http'));
    session.on('error', () => {});
    const headers = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request({ ...headers, ':path': '/runtime.v1.RuntimeService/Version' });
    stream.on('error', () => {});
    stream.write(Buffer.from([0, 0, 0, 1]));
    await new Promise((resolve) => setTimeout(resolve, 10));
    session.destroy();
    using client = testClient(runtime.endpoint);
    await client.call('Version', {});
  });

  test('200 connections at once', async () => {
    await using runtime = await startRuntimeServer();
    const clients = Array.from({ length: 200 }, () => testClient(runtime.endpoint));
    const answers = await Promise.all(clients.map((client) => client.call('Version', {})));
    expect(answers.length).toBe(200);
    for (const client of clients) client[Symbol.dispose]();
  });
});

test('a checkpoint with the real archive writer is a tar file with an inventory', async () => {
  await using runtime = await startRuntimeServer();
  using client = testClient(runtime.endpoint);
  mkdirSync(path.join(directory, 'logs'));
  const sandbox = await client.pod('web', { log_directory: path.join(directory, 'logs') });
  const container_id = await client.container(sandbox, { log_path: 'main/0.log' });
  await client.call('CheckpointContainer', { container_id, location: path.join(directory, 'a.tar') });
  const tar = spawnSync('tar', ['-tf', path.join(directory, 'a.tar')], { encoding: 'utf8' });
  expect(tar.stdout.split('\n')).toEqual(
    expect.arrayContaining(['config.dump', 'spec.dump', 'checkpoint/inventory.img', 'container.log']),
  );
  expect(mode(path.join(directory, 'a.tar'))).toBe(0o600);
});
