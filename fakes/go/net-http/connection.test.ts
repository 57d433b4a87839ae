// What happens on one connection: several requests, ends in odd places, and what a handler of Go would notice of them.
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serveConnection } from './connection';

let server: Server;
let aborted: string[];
let asked: string[];
let release: () => void;

beforeEach(async () => {
  aborted = [];
  asked = [];
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  server = createServer({ allowHalfOpen: true }, (socket) =>
    serveConnection(
      socket,
      async ({ target }, { signal }) => {
        asked.push(target);
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

/** All that comes back for `bytes`; with `ends`, the client says that it sends no more. */
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

test('requests in one piece are all answered, though the client sends no more', async () => {
  expect(bodies(await talk(get('/1') + get('/2') + get('/3')))).toEqual(['/1', '/2', '/3']);
});

test.each([
  ['less than four bytes behind an answer are no request', '\r\nG', []],
  ['four are a bad one', '\r\n\r\n', ['400 Bad Request']],
])('%s', async (_, rest, refusals) => {
  expect(bodies(await talk(get('/1') + rest))).toEqual(['/1', ...refusals]);
});

test('a request that is cut off in its head is a bad one', async () => {
  for (const part of ['GET /', 'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: x']) {
    expect(await talk(part)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  }
  expect(await talk('')).toBe('');
});

test('a body that is cut off ends the connection behind the answer', async () => {
  const answer = await talk(`POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc`);
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n\r\n\/a$/);
});

test('a body that comes later than its answer is waited for, and the connection goes on', async () => {
  const socket = open();
  let text = '';
  socket.on('data', (part) => {
    text += part.toString('latin1');
  });
  socket.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab');
  while (!asked.includes('/a')) await new Promise(setImmediate);
  // A client that came later has been answered: so is the handler of this one.
  await talk(get('/later'));
  expect(text).toBe('');
  socket.write(`cd${get('/b', 'Connection: close')}`);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(bodies(text)).toEqual(['/a', '/b']);
});

test.each([
  ['\r\n\r\n', true],
  ['\r\n\r\n\r\n', false],
])('line ends %j behind a POST are forgiven: %s', async (ends, isForgiven) => {
  const answer = await talk(`POST /a HTTP/1.1\r\nHost: x\r\n\r\n${ends}${get('/b', 'Connection: close')}`, false);
  expect(bodies(answer)).toEqual(['/a', isForgiven ? '/b' : '400 Bad Request']);
});

describe('HTTP/1.0', () => {
  const old = (target: string) => `GET ${target} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`;

  test('is kept alive where that was asked for', async () => {
    const answer = await talk(old('/1') + old('/2') + 'GET /3 HTTP/1.0\r\n\r\n', false);
    expect(bodies(answer)).toEqual(['/1', '/2', '/3']);
    expect(answer.match(/Connection: keep-alive\r\n/g)).toHaveLength(2);
  });

  test('ends behind an answer without a length', async () => {
    const answer = await talk(old('/long') + old('/2'), false);
    expect(answer).toMatch(/^HTTP\/1.0 200 OK\r\nDate: [^\r]*\r\nContent-Type: [^\r]*\r\n\r\nx{3000}$/);
  });
});

test.each([
  ['Expect: 100-Continue', 200],
  ['Expect: x, 100-continue', 200],
  ['Expect: 100-continues', 417],
  ['Expect:', 200],
])('%s is answered with %d', async (line, status) => {
  expect(await talk(get('/', line, 'Connection: close'), false)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

describe('a client that leaves in the middle', () => {
  async function leave(head: string) {
    const socket = open();
    socket.end(head);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    // The other side has seen the end once it has answered a client that came later.
    await talk(get('/later'));
    const seen = [...aborted];
    release();
    await closed;
    return seen;
  }

  test('is noticed', async () => {
    expect(await leave(get('/slow'))).toEqual(['/slow']);
  });

  test('is not noticed behind a body that nobody read', async () => {
    expect(await leave('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi')).toEqual([]);
  });
});

/** What comes back within a while for a request that has not ended; 'none': nothing. */
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

test('a head without end is refused at the last byte that Go reads of one', async () => {
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
])('a head that goes on with %j and has not ended: %s', async (lines, answer) => {
  expect(await early(`GET / HTTP/1.1\r\nHost: x\r\n${lines}`)).toContain(answer);
});

test('a head whose first line of headers goes on a line before is refused at once', async () => {
  expect(await early('GET / HTTP/1.1\r\n Host: x\r\n')).toContain('400 Bad Request');
});
