// How long the body of a request is, by the rules of Go's net/http: what smuggles a request into another one is refused.
import { parseInt64 } from '../integers';
import type { RejectedRequest } from './rejected-request';

const BAD: RejectedRequest = { status: 400 };

/** Names that no trailer may have. */
const NO_TRAILERS: ReadonlySet<string> = new Set(['transfer-encoding', 'trailer', 'content-length']);

const announces = (values: readonly string[]) =>
  values.flatMap((value) => value.split(',')).map((name) => name.trim().toLowerCase());

/**
 * Bytes of the body, 'chunked', or why there is no telling. Chunks win over a length, which must be one nevertheless.
 * @param headers by lower-case name
 */
export function bodyLength(
  headers: ReadonlyMap<string, readonly string[]>,
  isHttp11: boolean,
): number | 'chunked' | RejectedRequest {
  // HTTP/1.0 has no codings.
  const codings = isHttp11 ? headers.get('transfer-encoding') : undefined;
  if (codings && (codings.length !== 1 || codings[0]?.toLowerCase() !== 'chunked')) return { status: 501 };
  const [first, ...others] = headers.get('content-length') ?? [];
  if (others.some((other) => other !== first)) return BAD;
  const length = first === undefined ? 0n : /^[0-9]+$/.test(first) ? parseInt64(first) : undefined;
  if (length === undefined) return BAD;
  if (!codings) return Number(length);
  return announces(headers.get('trailer') ?? []).some((name) => NO_TRAILERS.has(name)) ? BAD : 'chunked';
}
