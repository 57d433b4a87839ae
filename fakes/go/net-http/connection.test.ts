// Tests one connection: several requests, early ends, and when a handler is notified of a disconnect.
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serveConnection } from './connection';

let server: Server;
let aborted: string[];
let received: string[];
let release: () => void;

beforeEach(async () => {
  aborted = [];
  received = [];
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  server = createServer({ allowHalfOpen: true }, (socket) =>
    serveConnection(
      socket,
      async ({ target }, { signal }) => {
        received.push(target);
        signal.addEventListener('abort', () => aborted.push(target));
        if (target === '/slow') await released;
        return { status: 200, headers: [], body: target === '/long' ? 'x'.repeat(3000) : target };
      },
      () => 0,
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  release();
  await new Promise((resolve) => server.close(resolve));
});

function open(): Socket {
  const address = server.address();
  return dial(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
}

/** Sends bytes and returns everything that the server sends. If `ends` is true, the client then closes its side. */
async function talk(bytes: string, ends = true): Promise<string> {
  const socket = open();
  let text = '';
  socket.on('data', (part) => {
    text += part.toString('latin1');
  });
  if (ends) socket.end(bytes);
  else socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const bodies = (text: string) => [...text.matchAll(/\r\n\r\n([^H]*)/g)].map(([, body]) => body);
const get = (target: string, ...lines: string[]) =>
  `GET ${target} HTTP/1.1\r\nHost: x\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

test('all requests that arrive together get responses, even if the client has closed its side', async () => {
  expect(bodies(await talk(get('/1') + get('/2') + get('/3')))).toEqual(['/1', '/2', '/3']);
});

test.each([
  ['less than four bytes after a response are not a request', '\r\nG', []],
  ['four bytes are a bad request', '\r\n\r\n', ['400 Bad Request']],
])('%s', async (_, rest, refusals) => {
  expect(bodies(await talk(get('/1') + rest))).toEqual(['/1', ...refusals]);
});

test('incomplete request headers are a bad request', async () => {
  for (const part of ['GET /', 'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: x']) {
    expect(await talk(part)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  }
  expect(await talk('')).toBe('');
});

test('an incomplete body ends the connection after the response', async () => {
  const answer = await talk(`POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc`);
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n\r\n\/a$/);
});

test('a response waits for the rest of the body, and the connection can be used again', async () => {
  const socket = open();
  let text = '';
  socket.on('data', (part) => {
    text += part.toString('latin1');
  });
  socket.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab');
  while (!received.includes('/a')) await new Promise(setImmediate);
  // When a later client has received its response, the handler of this request has ended as well.
  await talk(get('/later'));
  expect(text).toBe('');
  socket.write(`cd${get('/b', 'Connection: close')}`);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(bodies(text)).toEqual(['/a', '/b']);
});

test.each([
  ['\r\n\r\n', true],
  ['\r\n\r\n\r\n', false],
])('line ends %j after a POST are ignored: %s', async (ends, isIgnored) => {
  const answer = await talk(`POST /a HTTP/1.1\r\nHost: x\r\n\r\n${ends}${get('/b', 'Connection: close')}`, false);
  expect(bodies(answer)).toEqual(['/a', isIgnored ? '/b' : '400 Bad Request']);
});

describe('a connection of HTTP/1.0', () => {
  const old = (target: string) => `GET ${target} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`;

  test('stays open if the client requests it', async () => {
    const answer = await talk(old('/1') + old('/2') + 'GET /3 HTTP/1.0\r\n\r\n', false);
    expect(bodies(answer)).toEqual(['/1', '/2', '/3']);
    expect(answer.match(/Connection: keep-alive\r\n/g)).toHaveLength(2);
  });

  test('is closed after a response without a length', async () => {
    const answer = await talk(old('/long') + old('/2'), false);
    expect(answer).toMatch(/^HTTP\/1.0 200 OK\r\nDate: [^\r]*\r\nContent-Type: [^\r]*\r\n\r\nx{3000}$/);
  });
});

test.each([
  ['Expect: 100-Continue', 200],
  ['Expect: x, 100-continue', 200],
  ['Expect: 100-continues', 417],
  ['Expect:', 200],
])('%s has a response with status %d', async (line, status) => {
  expect(await talk(get('/', line, 'Connection: close'), false)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

describe('the disconnect of a client during a request', () => {
  async function disconnect(head: string) {
    const socket = open();
    socket.end(head);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    // When a later client has received its response, the server has noticed the end of this connection.
    await talk(get('/later'));
    const seen = [...aborted];
    release();
    await closed;
    return seen;
  }

  test('is noticed', async () => {
    expect(await disconnect(get('/slow'))).toEqual(['/slow']);
  });

  test('is not noticed if the request has a body, because the handler does not read it', async () => {
    expect(await disconnect('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi')).toEqual([]);
  });
});

/** Sends an incomplete request and returns what the server sends within 500 ms, or `none`. */
async function early(bytes: string): Promise<unknown> {
  const socket = open();
  socket.write(bytes);
  const answer = await new Promise((resolve) => {
    socket.once('data', (part) => resolve(part.toString()));
    setTimeout(resolve, 500, 'none').unref();
  });
  socket.destroy();
  return answer;
}

test("request headers without an end are refused at Go's size limit", async () => {
  expect(await early('GET / HTTP/1.1\r\nX: '.padEnd(1024 * 1024 + 4096, 'x'))).toContain(
    '431 Request Header Fields Too Large',
  );
});

test.each([
  ['bad\r\n', '400 Bad Request'],
  ['A: b\r\n c\r\nbad\n', '400 Bad Request'],
  [' A: b\r\n', 'none'],
  ['A(: b\r\nC', '400 Bad Request'],
  ['A: \0\r\nC', '400 Bad Request'],
  ['A: \0\r\n', 'none'],
  ['A: b\r\n', 'none'],
  ['bad', 'none'],
])('incomplete request headers that continue with %j: %s', async (lines, answer) => {
  expect(await early(`GET / HTTP/1.1\r\nHost: x\r\n${lines}`)).toContain(answer);
});

test('request headers that start with a continuation line are refused at once', async () => {
  expect(await early('GET / HTTP/1.1\r\n Host: x\r\n')).toContain('400 Bad Request');
});
