// Parses the headers of an HTTP/1 request as Go's net/http does. Node's parser cannot be used, because it refuses
// unknown methods.
import { parseRequestUri } from '../url';
import { bodyLength } from './body-length';
import { parseHeaders } from './header-block';
import type { RejectedRequest } from './rejected-request';
import { hasToken } from './tokens';

/** The request line and headers of a request whose body has not been read. */
export interface RequestHead {
  readonly method: string;
  /** The request target as received, one character per byte. */
  readonly target: string;
  /** Whether the version is HTTP/1.1 or later. */
  readonly isHttp11: boolean;
  /**
   * Header values by lower-case name. A repeated header has its first value, which is the value that Go's handlers use.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** Length of the body in bytes, or `chunked`. */
  readonly bodyLength: number | 'chunked';
  /** Whether the request asks to close the connection after the response. */
  readonly closes: boolean;
  /** Whether a client of HTTP/1.0 asks to keep the connection open, which is possible if the response has a length. */
  readonly keepsAlive10: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:%[\]]*$/;
const BAD: RejectedRequest = { status: 400 };
const bad = (reason: string): RejectedRequest => ({ status: 400, reason });

/** Returns whether a result of parsing is a refusal. */
export function isRefusal(read: RequestHead | RequestLine | RejectedRequest): read is RejectedRequest {
  return 'status' in read;
}

/** The parts of the first line of a request. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly major: number;
  readonly minor: number;
}

/**
 * Parses the first line of a request, which Go validates before the headers have arrived.
 *
 * @param line the line without its line end
 */
export function parseRequestLine(line: string): RequestLine | RejectedRequest {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  if (first < 0 || second < 0) return BAD;
  const method = line.slice(0, first);
  const target = line.slice(first + 1, second);
  const version = /^HTTP\/([0-9])\.([0-9])$/.exec(line.slice(second + 1));
  if (!TOKEN.test(method) || !version) return BAD;
  const authorityOnly = method === 'CONNECT' && !target.startsWith('/');
  if (!parseRequestUri(authorityOnly ? `http://${target}` : target)) return BAD;
  return { method, target, major: Number(version[1]), minor: Number(version[2]) };
}

/**
 * Returns whether a request is the first request of a client that uses HTTP/2 without TLS. Go's server passes it to the
 * handlers like other requests.
 */
const isPreface = ({ method, target, major, minor }: RequestLine) =>
  method === 'PRI' && target === '*' && major === 2 && minor === 0;

/**
 * Reads the options of the Connection headers. In the first header, Go also accepts a token that is not a separate
 * element of the list.
 */
function connectionOf(isHttp11: boolean, values: readonly string[]): Pick<RequestHead, 'closes' | 'keepsAlive10'> {
  const listed = values.flatMap((value) => value.toLowerCase().split(',')).map((token) => token.trim());
  const keepsAlive10 = !isHttp11 && hasToken(values[0] ?? '', 'keep-alive');
  const asksForEnd = listed.includes('close') || hasToken(values[0] ?? '', 'close');
  return { keepsAlive10, closes: isHttp11 ? asksForEnd : !keepsAlive10 };
}

/**
 * Parses the head of a request.
 *
 * @param head the text of the head, one character per byte, without the empty line at its end. Lines end with LF or CR
 * LF
 */
export function parseRequestHead(head: string): RequestHead | RejectedRequest {
  const [first = '', ...rest] = head.split(/\r?\n/);
  const line = parseRequestLine(first);
  if (isRefusal(line)) return line;
  const headers = parseHeaders(rest);
  if (!headers) return BAD;
  const isHttp11 = line.major > 1 || (line.major === 1 && line.minor >= 1);
  const hosts = headers.get('host') ?? [];
  if (hosts.length > 1) return BAD;
  const length = bodyLength(headers, isHttp11);
  if (typeof length === 'object') return length;
  if (line.major !== 1 && !isPreface(line)) return { status: 505, reason: 'unsupported protocol version' };
  const needsHost = isHttp11 && line.method !== 'CONNECT' && !(isPreface(line) && headers.size === 0);
  if (needsHost && hosts.length === 0) return bad('missing required Host header');
  if (!HOST.test(hosts[0] ?? '')) return bad('malformed Host header');
  for (const name of headers.keys()) if (!TOKEN.test(name)) return bad('invalid header name');
  const firsts = Object.fromEntries([...headers].map(([name, [value = '']]) => [name, value]));
  const connection = connectionOf(isHttp11, headers.get('connection') ?? []);
  const { method, target } = line;
  const closes = connection.closes || isPreface(line);
  return { method, target, isHttp11, headers: firsts, bodyLength: length, ...connection, closes };
}
