// Determines the length of a request's body by the rules of Go's net/http, which refuse ambiguous lengths (request
// smuggling).
import { parseInt64 } from '../integers';
import type { RejectedRequest } from './rejected-request';

const BAD: RejectedRequest = { status: 400 };

/** Names that a trailer must not have. */
const NO_TRAILERS: ReadonlySet<string> = new Set(['transfer-encoding', 'trailer', 'content-length']);

const announces = (values: readonly string[]) =>
  values.flatMap((value) => value.split(',')).map((name) => name.trim().toLowerCase());

/**
 * Determines the length of a body. If a request has both a length and chunks, the chunks apply, but the length must be
 * valid.
 * @param headers lists of header values by lower-case name
 * @returns the length in bytes, `chunked`, or why the request is rejected
 */
export function bodyLength(
  headers: ReadonlyMap<string, readonly string[]>,
  isHttp11: boolean,
): number | 'chunked' | RejectedRequest {
  // HTTP/1.0 has no transfer codings.
  const codings = isHttp11 ? headers.get('transfer-encoding') : undefined;
  if (codings && (codings.length !== 1 || codings[0]?.toLowerCase() !== 'chunked')) return { status: 501 };
  const [first, ...others] = headers.get('content-length') ?? [];
  if (others.some((other) => other !== first)) return BAD;
  const length = first === undefined ? 0n : /^[0-9]+$/.test(first) ? parseInt64(first) : undefined;
  if (length === undefined) return BAD;
  if (!codings) return Number(length);
  return announces(headers.get('trailer') ?? []).some((name) => NO_TRAILERS.has(name)) ? BAD : 'chunked';
}
