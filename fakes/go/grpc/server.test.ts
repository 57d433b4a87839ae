// Tests that the server behaves like grpc-go's server, and that each difference of grpc-js still exists.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { criCall, MAX_MESSAGE_BYTES } from '../../../proto/load';
import { createGoLikeServer, deadlineSeconds, type UnknownCall } from './server';

const version = criCall('Version');
const serveVersion = (server: grpc.Server, answer: grpc.handleUnaryCall<object, object>) =>
  server.register(version.path, answer, version.responseSerialize, version.requestDeserialize, 'unary');
const ok: grpc.handleUnaryCall<object, object> = (_call, callback) => callback(null, { version: '0.1.0' });

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Serves on a loopback port until the end of the test, and returns the address. */
async function serve(server: grpc.Server): Promise<string> {
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  const listener = net.createServer((socket) => injector.injectConnection(socket)).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  endings.push(() => {
    server.forceShutdown();
    listener.close();
  });
  const address = listener.address();
  return `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

interface RawAnswer {
  readonly status: string | undefined;
  readonly message: string;
}

/** Makes one call over HTTP/2 without a gRPC library. */
async function raw(address: string, headers: http2.OutgoingHttpHeaders, body = frame(Buffer.alloc(0))) {
  const session = http2.connect(`http://${address}`);
  endings.push(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': version.path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  stream.resume();
  const answer = new Promise<RawAnswer>((resolve) => {
    const take = (head: http2.IncomingHttpHeaders) => {
      const status = head['grpc-status'];
      if (status === undefined) return;
      resolve({ status: String(status), message: decodeURIComponent(String(head['grpc-message'] ?? '')) });
    };
    stream.on('response', take);
    stream.on('trailers', take);
  });
  stream.end(body);
  return { answer, stream };
}

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

test('the installed grpc-js is the version whose private members are used', () => {
  const file = path.join(__dirname, '../../../package.json');
  expect(JSON.parse(readFileSync(file, 'utf8')).dependencies['@grpc/grpc-js']).toBe('1.14.7');
  expect(typeof Reflect.get(new grpc.Server(), '_streamHandler')).toBe('function');
});

describe('calls to unknown methods and services', () => {
  const path404 = '/runtime.v1.RuntimeService/CheckpointMoon';

  test('have a different message in grpc-js', async () => {
    const server = new grpc.Server({ 'grpc.enable_channelz': 0 });
    serveVersion(server, ok);
    const { answer } = await raw(await serve(server), { ':path': path404 });
    expect((await answer).message).not.toMatch(/^unknown method/);
  });

  test.each([
    [path404, 'unknown method CheckpointMoon for service runtime.v1.RuntimeService'],
    ['/runtime.v1alpha2.RuntimeService/Version', 'unknown service runtime.v1alpha2.RuntimeService'],
    ['/a/b/c', 'unknown service a/b'],
    ['/Version', 'malformed method name: "/Version"'],
  ])('to %s have the message of Go', async (target, message) => {
    const unknown: UnknownCall[] = [];
    const server = createGoLikeServer((call) => unknown.push(call));
    serveVersion(server, ok);
    const { answer } = await raw(await serve(server), { ':path': target, 'grpc-timeout': '2S' });
    expect(await answer).toEqual({ status: '12', message });
    expect(unknown).toMatchObject([{ details: message, deadlineSeconds: 2 }]);
  });
});

describe('deadlines of calls', () => {
  /** Sends a `grpc-timeout`. Returns the response and the deadline that the handler saw, in seconds. */
  async function timeout(value: string): Promise<{ answer: RawAnswer; seconds: number | undefined }> {
    let seconds: number | undefined;
    const server = createGoLikeServer(() => {});
    serveVersion(server, (call, callback) => {
      seconds = deadlineSeconds(call.metadata);
      callback(null, {});
    });
    const { answer } = await raw(await serve(server), { 'grpc-timeout': value, 'ckptest-grpc-timeout': '7S' });
    return { answer: await answer, seconds };
  }

  test('of 2^31 ms and more are truncated by grpc-js', async () => {
    const server = new grpc.Server({ 'grpc.enable_channelz': 0 });
    let seen = 0;
    serveVersion(server, (call, callback) => {
      seen = Number(call.getDeadline());
      callback(null, {});
    });
    const { answer } = await raw(await serve(server), { 'grpc-timeout': '4320000S' });
    await answer;
    expect(seen).toBeLessThan(Date.now() + 4_320_000_000 - 60_000);
  });

  test.each([
    ['120S', 120],
    ['119999m', 119.999],
    ['1m', 0.001],
    ['1100000u', 1.1],
    ['99999999n', 0.099999999],
    ['2592000S', 2_592_000],
    ['4320000S', 4_320_000],
    ['16666667M', 1_000_000_020],
    ['2562047H', 9_223_369_200],
    ['2562048H', 9_223_372_036.854776],
    ['99999999H', 9_223_372_036.854776],
  ])('of %s are accepted as %d s', async (value, seconds) => {
    const got = await timeout(value);
    expect(got.seconds).toBe(seconds);
    expect(got.answer.status).toBe('0');
  });

  test.each([
    ['S', 'transport: timeout string is too short: "S"'],
    ['123456789S', 'transport: timeout string is too long: "123456789S"'],
    ['5x', 'transport: timeout unit is not recognized: "5x"'],
    ['-5S', 'strconv.ParseUint: parsing "-5": invalid syntax'],
  ])('of %s are refused as in Go', async (value, message) => {
    expect((await timeout(value)).answer).toEqual({ status: '13', message: `malformed grpc-timeout: ${message}` });
  });

  test('that have passed cause a response in grpc-js, but not in this server', async () => {
    const hang: grpc.handleUnaryCall<object, object> = () => {};
    const plain = new grpc.Server({ 'grpc.enable_channelz': 0 });
    serveVersion(plain, hang);
    const changed = createGoLikeServer(() => {});
    serveVersion(changed, hang);
    const changedCall = await raw(await serve(changed), { 'grpc-timeout': '20m' });
    const plainCall = await raw(await serve(plain), { 'grpc-timeout': '20m' });
    let answered = false;
    void changedCall.answer.then(() => {
      answered = true;
    });
    expect(await plainCall.answer).toEqual({ status: '4', message: 'Deadline exceeded' });
    expect(answered).toBe(false);
  });
});

describe('a message', () => {
  const tooLarge = MAX_MESSAGE_BYTES + 1;

  test('of more than 16 MiB is refused with the message of Go, and one of 16 MiB is accepted', async () => {
    const server = createGoLikeServer(() => {});
    serveVersion(server, ok);
    const address = await serve(server);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(tooLarge, 1);
    const refused = await raw(address, {}, Buffer.concat([head, Buffer.alloc(100)]));
    expect(await refused.answer).toEqual({
      status: '8',
      message: 'grpc: received message larger than max (16777217 vs. 16777216)',
    });
    // An unknown field with the number 15 contains the bytes.
    const content = Buffer.concat([Buffer.from([0x7a, 0xfa, 0xff, 0xff, 0x07]), Buffer.alloc(MAX_MESSAGE_BYTES - 6)]);
    expect(content.length).toBe(MAX_MESSAGE_BYTES - 1);
    const accepted = await raw(address, {}, frame(content));
    expect((await accepted.answer).status).toBe('0');
  });

  test('of more than 16 MiB is also refused as a response', async () => {
    const server = createGoLikeServer(() => {});
    serveVersion(server, (_call, callback) => callback(null, { version: 'v'.repeat(MAX_MESSAGE_BYTES) }));
    const { answer } = await raw(await serve(server), {});
    expect(await answer).toEqual({
      status: '8',
      message: 'grpc: trying to send message larger than max (16777221 vs. 16777216)',
    });
  });
});

test.each(['localhost', '%2Frun%2Fckptest.sock', 'runtime.sock', 'unix'])(
  'the authority %s is accepted',
  async (name) => {
    const server = createGoLikeServer(() => {});
    serveVersion(server, ok);
    const { answer } = await raw(await serve(server), { ':authority': name, 'user-agent': 'grpc-go/1.78.0' });
    expect((await answer).status).toBe('0');
  },
);

test('no response is compressed, whatever the client accepts', async () => {
  const server = createGoLikeServer(() => {});
  serveVersion(server, (_call, callback) => callback(null, { version: 'again and '.repeat(10_000) }));
  const address = await serve(server);
  for (const userAgent of ['grpc-go/1.78.0', 'grpc-node-js/1.14.7']) {
    const { answer, stream } = await raw(address, {
      'user-agent': userAgent,
      'grpc-accept-encoding': 'gzip',
    });
    const encoding = new Promise((resolve) => {
      stream.once('response', (headers) => resolve(headers['grpc-encoding']));
    });
    expect((await answer).status).toBe('0');
    expect(await encoding).not.toBe('gzip');
  }
});
