// The head of an HTTP/1 request as Go's net/http reads it: more than Node's parser takes (any method), and refused in Go's words.
import { parseInt64 } from '../go-integers';
import { parseRequestUri } from '../go-url';

/** A request whose head was read; its body is still on the wire. */
export interface RequestHead {
  readonly method: string;
  /** As it came, one character per byte. */
  readonly target: string;
  /** HTTP/1.1 and later; false is HTTP/1.0. */
  readonly isHttp11: boolean;
  /** Names in lower case, several values of one name joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body, or 'chunked'. */
  readonly bodyLength: number | 'chunked';
  /** The client asked for an end of the connection after this exchange. */
  readonly closes: boolean;
}

/** Why a request is not served; answered at once, and the connection ends. */
export interface Refusal {
  readonly status: 400 | 431 | 501 | 505;
  /** Stands after the status in line and body; Go gives a reason for some. */
  readonly reason?: string;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Go lets a space into a name while reading, and refuses it by name later. */
const READABLE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z ]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:%@[\]]*$/;
const BAD: Refusal = { status: 400 };
const bad = (reason: string): Refusal => ({ status: 400, reason });

/** Whether what was read is a refusal. */
export function isRefusal(read: RequestHead | RequestLine | Refusal): read is Refusal {
  return 'status' in read;
}

/** The first line, taken apart. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly major: number;
  readonly minor: number;
}

/** Reads `line`, without its end; Go judges it before it has the headers. */
export function parseRequestLine(line: string): RequestLine | Refusal {
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

/** Header lines to lists by lower-case name; undefined where Go cannot read them. */
function parseHeaders(lines: readonly string[]): Map<string, string[]> | undefined {
  const headers = new Map<string, string[]>();
  const unfolded: string[] = [];
  for (const line of lines) {
    if (!/^[ \t]/.test(line)) unfolded.push(line);
    else if (unfolded.length === 0) return undefined;
    else unfolded[unfolded.length - 1] += ` ${line.replace(/^[ \t]+/, '')}`;
  }
  for (const line of unfolded) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    if (!READABLE_NAME.test(name) || !HEADER_VALUE.test(value)) return undefined;
    const key = name.toLowerCase();
    const values = headers.get(key);
    if (values) values.push(value);
    else headers.set(key, [value]);
  }
  return headers;
}

/** How long the body is, by the rules of Go's readTransfer: chunked wins over a length. */
function bodyLength(headers: Map<string, string[]>, isHttp11: boolean): number | 'chunked' | Refusal {
  const codings = isHttp11 ? headers.get('transfer-encoding') : undefined;
  if (codings) {
    return codings.length === 1 && codings[0]?.toLowerCase() === 'chunked' ? 'chunked' : { status: 501 };
  }
  const lengths = headers.get('content-length');
  if (!lengths) return 0;
  const length =
    new Set(lengths).size === 1 && /^[0-9]+$/.test(lengths[0] ?? '') ? parseInt64(lengths[0] ?? '') : undefined;
  return length === undefined ? BAD : Number(length);
}

/**
 * Reads a request head, the empty line at its end left off.
 * @param head one character per byte; lines end in LF, with or without CR
 */
export function parseRequestHead(head: string): RequestHead | Refusal {
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
  if (line.major !== 1) return { status: 505, reason: 'unsupported protocol version' };
  if (isHttp11 && hosts.length === 0 && line.method !== 'CONNECT') return bad('missing required Host header');
  if (!HOST.test(hosts[0] ?? '')) return bad('malformed Host header');
  for (const name of headers.keys()) if (!TOKEN.test(name)) return bad('invalid header name');
  const joined = Object.fromEntries([...headers].map(([name, values]) => [name, values.join(', ')]));
  const connection = (joined['connection'] ?? '').toLowerCase().split(/[ \t]*,[ \t]*/);
  const closes = isHttp11 ? connection.includes('close') : true;
  return { method: line.method, target: line.target, isHttp11, headers: joined, bodyLength: length, closes };
}
