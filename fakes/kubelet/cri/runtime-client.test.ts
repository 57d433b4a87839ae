// Tests CRI calls with the kubelet's deadlines, on a server with scripted responses.
import { connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { type handleUnaryCall, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { onMethod } from '../../base/cri-call';
import { Fail, type ScriptedRuntime, startScriptedRuntime } from '../testing/scripted-runtime';
import { RuntimeClient } from './runtime-client';

let runtime: ScriptedRuntime;
let clock: ManualClock;
let client: RuntimeClient;

beforeEach(async () => {
  runtime = await startScriptedRuntime();
  clock = new ManualClock();
  client = new RuntimeClient({ runtimeEndpoint: runtime.endpoint, wrappers: [], clock });
});

afterEach(async () => {
  client.close();
  await runtime[Symbol.asyncDispose]();
});

const disposable = (of: RuntimeClient) => ({ client: of, [Symbol.asyncDispose]: async () => of.close() });

/** Makes a method hang, and returns a promise that resolves when the method is called. */
function hanging() {
  let onCall = () => {};
  const reached = new Promise<void>((resolve) => {
    onCall = resolve;
  });
  runtime.on({
    Version: () => {
      onCall();
      return new Promise(() => {});
    },
  });
  return reached;
}

test('a call fails at its own deadline with its own message', async () => {
  const reached = hanging();
  const answer = client.call('Version', {}, { timeout: 120_000_000_000n });
  await reached;
  clock.advance(120_000);
  await expect(answer).rejects.toThrow('rpc error: code = DeadlineExceeded desc = context deadline exceeded');
  expect(runtime.calls).toMatchObject([{ method: 'Version' }]);
  // The remaining time is shorter by the duration of the request, so it is rounded up.
  expect(Math.ceil((runtime.calls[0]?.secondsLeft ?? 0) / 60)).toBe(2);
  expect(clock.pending).toBe(0);
});

test('a call whose deadline has already passed is not sent', async () => {
  await expect(client.call('Version', {}, { timeout: -1n })).rejects.toThrow('context deadline exceeded');
  expect(runtime.calls).toEqual([]);
});

test('a call ends when its caller cancels it', async () => {
  const reached = hanging();
  const abort = new AbortController();
  const answer = client.call('Version', {}, { signal: abort.signal });
  await reached;
  abort.abort();
  await expect(answer).rejects.toThrow('rpc error: code = Canceled desc = context canceled');
  await expect(client.call('Version', {}, { signal: abort.signal })).rejects.toThrow('context canceled');
});

test('the error message of the server is returned', async () => {
  runtime.on({
    Version: () => {
      throw new Fail(status.DEADLINE_EXCEEDED, 'Deadline exceeded');
    },
  });
  await expect(client.call('Version', {})).rejects.toThrow(
    'rpc error: code = DeadlineExceeded desc = Deadline exceeded',
  );
});

test('a call fails if the response cannot be decoded', async () => {
  const server = new Server();
  const pass = (bytes: Buffer) => bytes;
  const answer: handleUnaryCall<Buffer, Buffer> = (_, callback) => callback(null, Buffer.from('ff', 'hex'));
  server.register('/runtime.v1.RuntimeService/Version', answer, pass, pass, 'unary');
  const socket = `${runtime.endpoint.slice('unix://'.length)}.garbage`;
  await promisify(server.bindAsync).call(server, `unix:${socket}`, ServerCredentials.createInsecure());
  await using garbled = disposable(new RuntimeClient({ runtimeEndpoint: socket, wrappers: [], clock }));
  await expect(garbled.client.call('Version', {})).rejects.toThrow(
    'rpc error: code = Internal desc = grpc: failed to unmarshal the received message: ' +
      'proto: cannot parse invalid wire-format data',
  );
  server.forceShutdown();
});

test('a call fails if the runtime stops during the call', async () => {
  const reached = hanging();
  const socket = `${runtime.endpoint.slice('unix://'.length)}.relay`;
  const open: Socket[] = [];
  const relay = createServer((front) => {
    const back = connect(runtime.endpoint.slice('unix://'.length));
    open.push(front, back);
    front.pipe(back).pipe(front);
    for (const side of [front, back]) side.on('error', () => {});
  });
  await new Promise<void>((resolve) => relay.listen(socket, resolve));
  await using relayed = disposable(new RuntimeClient({ runtimeEndpoint: socket, wrappers: [], clock }));
  const answer = relayed.client.call('Version', {});
  await Promise.all([
    expect(answer).rejects.toThrow('rpc error: code = Unavailable desc = error reading from server: EOF'),
    reached.then(() => {
      relay.close();
      for (const side of open) side.destroy();
    }),
  ]);
});

test('a client reconnects to a restarted runtime', async () => {
  await client.call('Version', {});
  await runtime.stop();
  const socket = runtime.endpoint.slice('unix://'.length);
  await expect(client.call('Version', {})).rejects.toThrow(
    `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${socket}: connect: no such file or directory"`,
  );
  await runtime.restart();
  for (;;) {
    const answered = await client.call('Version', {}).catch(() => undefined);
    if (answered) break;
  }
});

test('interceptors see each call and can respond to it, and their errors are errors of the call', async () => {
  const seen: unknown[] = [];
  const wrapped = new RuntimeClient({
    runtimeEndpoint: runtime.endpoint,
    clock,
    wrappers: [
      (call, next) => {
        seen.push([call.method, call.deadlineSeconds]);
        return next(call);
      },
      onMethod('Version', async () => ({ runtime_name: 'wrapped' })),
      onMethod('Status', async () => {
        throw Object.assign(new Error('no'), { code: status.ABORTED });
      }),
    ],
  });
  await expect(wrapped.call('Version', {}, { timeout: 1_500_000_000n })).resolves.toMatchObject({
    runtime_name: 'wrapped',
    version: '',
  });
  await expect(wrapped.call('Status', {})).rejects.toThrow('rpc error: code = Aborted desc = no');
  expect(seen).toEqual([
    ['Version', 1.5],
    ['Status', undefined],
  ]);
  wrapped.close();
});
