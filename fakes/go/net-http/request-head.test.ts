// Tests which request headers Go accepts and refuses.
import { expect, test } from '@jest/globals';
import { isRefusal, parseRequestHead } from './request-head';

const head = (...lines: string[]) => parseRequestHead(lines.join('\r\n'));

test('request headers are parsed', () => {
  expect(head('POST /a?b HTTP/1.1', 'Host: x', 'X-A: 1 ', 'x-a:2', 'Content-Length: 3')).toEqual({
    method: 'POST',
    target: '/a?b',
    isHttp11: true,
    headers: { host: 'x', 'x-a': '1', 'content-length': '3' },
    bodyLength: 3,
    closes: false,
    keepsAlive10: false,
  });
});

test.each([
  [['Content-Length: 5', 'Transfer-Encoding: chunked'], 'chunked'],
  [['Transfer-Encoding: CHUNKED'], 'chunked'],
  [['Content-Length: 5', 'Content-Length: 5'], 5],
  [['Trailer: X', 'Transfer-Encoding: chunked'], 'chunked'],
  [[], 0],
])('%j has a body of %s', (lines, length) => {
  expect(head('POST / HTTP/1.1', 'Host: x', ...lines)).toMatchObject({ bodyLength: length });
});

test('lines may end without CR, and may be continued', () => {
  expect(parseRequestHead('GET / HTTP/1.1\nHost: x\nA: b\n  c')).toMatchObject({ headers: { host: 'x', a: 'b c' } });
});

test.each([
  [['GET / HTTP/1.1', 'Host: x', 'Connection: Keep-Alive, Close'], true],
  [['GET / HTTP/1.1', 'Host: x', 'Connection: closed'], false],
  [['GET / HTTP/1.1', 'Host: x', 'Connection: x', 'Connection: close'], true],
  [['GET / HTTP/1.1', 'Host: x', 'Connection: keep close'], true],
  [['GET / HTTP/1.0'], true],
  [['GET / HTTP/1.0', 'Connection: Keep-Alive'], false],
  [['GET / HTTP/1.0', 'Connection: close'], true],
  [['PRI * HTTP/2.0'], true],
])('%j closes the connection: %s', (lines, closes) => {
  expect(head(...lines)).toMatchObject({ closes });
});

test.each([
  [['GET /'], 400, undefined],
  [['GET / HTTP/1.1 '], 400, undefined],
  [['GE(T / HTTP/1.1', 'Host: x'], 400, undefined],
  [['GET /%zz HTTP/1.1', 'Host: x'], 400, undefined],
  [['GET / HTTP/1.1', ' folded: first', 'Host: x'], 400, undefined],
  [['GET / HTTP/1.1', 'Host: x', 'no colon'], 400, undefined],
  [['GET / HTTP/1.1', 'Host: x', 'no colon', ' A: but later'], 400, undefined],
  [['GET / HTTP/1.1', 'Host: x', ': no name'], 400, undefined],
  [['GET / HTTP/1.1', 'Host: a@b'], 400, 'malformed Host header'],
  [['GET / HTTP/1.1', 'Host : x'], 400, 'missing required Host header'],
  [['PRI * HTTP/2.0', 'A: b'], 400, 'missing required Host header'],
  [['GET http://[::1/ HTTP/1.1', 'Host: x'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Content-Length:'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Content-Length: 5, 5'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Content-Length: 9223372036854775808'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Content-Length: x', 'Transfer-Encoding: chunked'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Trailer: Content-Length', 'Transfer-Encoding: chunked'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked,'], 501, undefined],
  [['GET / HTTP/0.9'], 505, 'unsupported protocol version'],
  [['GET / HTTP/1.1', 'Host: x', 'bad\x01: 1'], 400, undefined],
  [['GET / HTTP/1.1', 'Host: x', 'Bad Name: 1'], 400, 'invalid header name'],
  [['GET / HTTP/1.1', 'Host: x', 'Host: y'], 400, undefined],
  [['GET / HTTP/1.1', 'Host: x y'], 400, 'malformed Host header'],
  [['GET / HTTP/1.1'], 400, 'missing required Host header'],
  [['POST / HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Content-Length: +1'], 400, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: gzip'], 501, undefined],
  [['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 501, undefined],
  [['GET / HTTP/2.0', 'Host: x'], 505, 'unsupported protocol version'],
])('%j is refused with %d', (lines, status, reason) => {
  const read = head(...lines);
  expect(isRefusal(read)).toBe(true);
  expect(read).toEqual({ status, ...(reason && { reason }) });
});
