// Converts responses to bytes, with the headers that Go's server adds to the handler's headers, in Go's order.

import { encodeText } from '../text';
import { httpDate } from '../time';
import { sniffContentType } from './content-type';
import type { HttpResponse } from './exchange';
import type { RejectedRequest } from './rejected-request';
import type { RequestHead } from './request-head';
import { statusText } from './status-text';

/**
 * Size of Go's buffer, bytes. The server knows the length of a body that fits into the buffer. A longer body is sent in
 * chunks.
 */
const BUFFERED_BYTES = 2048;

/** Returns whether responses with a status have no body, even if the handler wrote one. */
const bodiless = (status: number) => status < 200 || status === 204 || status === 304;

/** The inputs from which a response is made, in addition to the result of the handler. */
export interface ResponseContext {
  readonly request: Pick<RequestHead, 'method' | 'isHttp11' | 'keepsAlive10'>;
  /** Whether the server closes the connection after the response. */
  readonly closes: boolean;
  /** Time for the Date header, milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Returns whether a response has a known length. After a response without a known length, an HTTP/1.0 connection must
 * be closed.
 */
export function hasKnownEnd(response: HttpResponse, { method }: Pick<RequestHead, 'method'>): boolean {
  return (
    method === 'HEAD' ||
    bodiless(response.status) ||
    response.headers.some(([name]) => name.toLowerCase() === 'content-length') ||
    encodeText(response.body).length <= BUFFERED_BYTES
  );
}

/** Serializes the response of a handler. */
export function responseBytes(response: HttpResponse, { request, closes, now }: ResponseContext): Buffer {
  const has = (name: string) => response.headers.some(([given]) => given.toLowerCase() === name);
  const body = encodeText(response.body);
  const isHead = request.method === 'HEAD';
  const sendsBody = !isHead && !bodiless(response.status);
  const lines = [`HTTP/1.${request.isHttp11 ? 1 : 0} ${response.status} ${statusText(response.status)}`];
  for (const [name, value] of response.headers) lines.push(`${name}: ${value}`);
  if (!has('date')) lines.push(`Date: ${httpDate(now)}`);
  const framed = has('content-length') || has('transfer-encoding');
  const hasLength =
    !framed && body.length <= BUFFERED_BYTES && (!isHead || body.length > 0) && !bodiless(response.status);
  if (hasLength) lines.push(`Content-Length: ${body.length}`);
  if (!has('content-type') && body.length > 0 && !bodiless(response.status)) {
    lines.push(`Content-Type: ${sniffContentType(body)}`);
  }
  if (!has('connection')) {
    if (closes && request.isHttp11) lines.push('Connection: close');
    if (request.keepsAlive10 && hasKnownEnd(response, request)) lines.push('Connection: keep-alive');
  }
  const chunked = sendsBody && !framed && !hasLength && request.isHttp11;
  if (chunked) lines.push('Transfer-Encoding: chunked');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (!sendsBody || body.length === 0) return head;
  return chunked
    ? Buffer.concat([head, Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
    : Buffer.concat([head, body]);
}

/** Serializes the response to a request that never reaches a handler. As in Go, it has no Date header. */
export function refusalBytes({ status, reason }: RejectedRequest): Buffer {
  const line = `${status} ${statusText(status)}${reason ? `: ${reason}` : ''}`;
  const body = status === 501 ? 'Unsupported transfer encoding' : line;
  return Buffer.from(
    `HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${body}`,
    'latin1',
  );
}
