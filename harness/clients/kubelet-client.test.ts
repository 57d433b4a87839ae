// Tests the client with a kubelet that answers with garbage, with nothing, with half a response, or without end.
import net from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Violation } from '../../specs/subject/expect';
import { KubeletClient } from './kubelet-client';

const LIMIT = 16 * 1024 * 1024;
const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Returns a client of a server that handles every connection with `answer`. */
async function clientOf(answer: (socket: net.Socket) => void, host = '127.0.0.1'): Promise<KubeletClient> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  const client = new KubeletClient({ url: `http://${net.isIPv6(host) ? `[${host}]` : host}:${address.port}` });
  closing.push(
    () => server.close(),
    () => {
      for (const socket of sockets) socket.destroy();
    },
    () => client.close(),
  );
  return client;
}

/** Sends data without end, as fast as the client reads. */
function sendForEver(socket: net.Socket): void {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

const violationOf = async (exchange: Promise<unknown>) => {
  const error = await exchange.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Violation)) throw new Error(`no violation: ${error}`);
  return error;
};

describe('an invalid answer breaks the rule', () => {
  test.each<[string, (socket: net.Socket) => void, RegExp]>([
    ['garbage', (socket) => socket.end('\x16\x03\x01 this is not HTTP\r\n\r\n'), /not HTTP \(HPE_/],
    ['nothing', (socket) => socket.end(), /closed the connection/],
    [
      'a cut body',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
      /closed the connection/,
    ],
    ['headers without end', sendForEver, /not HTTP/],
  ])('%s', async (_, answer, actual) => {
    const client = await clientOf(answer);
    const violation = await violationOf(client.request({ target: '/healthz' }));
    expect(violation.label).toBe('answer');
    expect(violation.actual).toMatch(actual);
  });

  test('a body without end is read only up to the limit', async () => {
    let sent = 0;
    const client = await clientOf((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
      socket.on('close', () => {
        sent = socket.bytesWritten;
      });
      sendForEver(socket);
    });
    const violation = await violationOf(client.request({ target: '/metrics' }));
    expect(violation.actual).toMatch(/has more than \d+ bytes/);
    client.close();
    // The server can send more than the limit, because the socket buffers hold some bytes.
    expect(sent).toBeLessThan(4 * LIMIT);
  });

  test('raw bytes without end are read only up to the limit', async () => {
    const client = await clientOf(sendForEver);
    const violation = await violationOf(client.raw({ bytes: 'GET / HTTP/1.1\r\n\r\n', plain: true }));
    expect(violation.actual).toMatch(/has more than \d+ bytes/);
  });
});

describe('a missing answer does not break the rule', () => {
  test('nothing listens on the port', async () => {
    const client = new KubeletClient({ url: 'http://127.0.0.1:1' });
    const error = await client.request({ target: '/healthz' }).catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(Violation);
    expect(String(error)).toContain('ECONNREFUSED');
  });

  test('the spec cancelled the request', async () => {
    const over = new AbortController();
    const client = await clientOf(() => over.abort());
    const answer = client.request({ target: '/healthz', signal: over.signal }).catch((reason: unknown) => reason);
    expect(await answer).not.toBeInstanceOf(Violation);
    const later = new AbortController();
    const raw = await clientOf(() => later.abort());
    const bytes = raw.raw({ bytes: 'GET /', plain: true }, later.signal).catch((reason: unknown) => reason);
    expect(String(await bytes)).toMatch(/was cancelled/);
  });
});

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

describe('connections', () => {
  test('are not used again: a server may close an idle one at any time', async () => {
    const client = await clientOf((socket) => {
      socket.write(OK);
      socket.once('data', () => socket.resetAndDestroy());
    });
    for (const method of ['GET', 'POST', 'GET', 'POST']) {
      expect((await client.request({ method, target: '/' })).body).toBe('ok');
      expect((await client.request({ method, target: '/', credentials: 'none' })).body).toBe('ok');
    }
  });

  test('lead to IPv6 addresses', async () => {
    const client = await clientOf((socket) => socket.end(OK), '::1');
    expect((await client.request({ target: '/' })).body).toBe('ok');
    expect((await client.raw({ bytes: 'GET / HTTP/1.1\r\n\r\n', plain: true })).text).toBe(OK);
  });

  test('may be reset after the response to raw bytes, and not before it', async () => {
    const after = await clientOf((socket) => void socket.write(OK, () => socket.resetAndDestroy()));
    expect((await after.raw({ bytes: 'GET / HTTP/1.1\r\n\r\n', plain: true })).text).toBe(OK);
    const before = await clientOf((socket) => socket.resetAndDestroy());
    const violation = await violationOf(before.raw({ bytes: 'GET / HTTP/1.1\r\n\r\n', plain: true }));
    expect(violation.actual).toMatch(/ECONNRESET/);
  });
});
