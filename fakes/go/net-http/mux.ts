// Which pattern a path belongs to, and when it is sent elsewhere first: net/http's ServeMux as of Go 1.26.
import path from 'node:path';
import { escapePath, type RequestUrl, unescapeUrl } from '../url';

/** What becomes of a request: a pattern takes it, it is sent to another place, or nobody knows its path. */
export type MuxMatch<Pattern extends string> =
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'unknown' };

/** The path without empty, `.` and `..` segments; a slash at its end stays. */
function cleanPath(given: string): string {
  if (given === '') return '/';
  return path.posix.normalize(given.startsWith('/') ? given : `/${given}`);
}

/** Segments with their escapes undone, as patterns are compared with. */
const segmentsOf = (escapedPath: string) => escapedPath.split('/').map((segment) => unescapeUrl(segment) ?? segment);

/** Whether a pattern takes a path: it is the path, or ends in a slash and begins it. */
function fits(pattern: string, wanted: readonly string[]): boolean {
  const own = pattern.split('/');
  const isTree = pattern.endsWith('/');
  const fixed = isTree ? own.slice(0, -1) : own;
  return (
    (isTree ? wanted.length >= own.length : wanted.length === own.length) &&
    fixed.every((segment, i) => segment === wanted[i])
  );
}

/** `url.URL{Path: path, RawQuery: query}.String()`. */
const locationOf = (target: string, rawQuery: string) => escapePath(target) + (rawQuery === '' ? '' : `?${rawQuery}`);

/** Finds the pattern for a request; the longest that fits is the most specific one. */
export function matchMux<Pattern extends string>(
  patterns: readonly Pattern[],
  method: string,
  url: RequestUrl,
): MuxMatch<Pattern> {
  // CONNECT is never sent to a cleaner path.
  const cleaned = method === 'CONNECT' ? url.escapedPath : cleanPath(url.escapedPath);
  const wanted = segmentsOf(cleaned);
  let found: Pattern | undefined;
  for (const pattern of patterns) {
    if ((found === undefined || pattern.length > found.length) && fits(pattern, wanted)) found = pattern;
  }
  if (
    !found &&
    patterns.some((pattern) => pattern.split('/').length === wanted.length + 1 && fits(pattern, [...wanted, '']))
  ) {
    const bytes = Buffer.from(cleanPath(url.path)).toString('latin1');
    return { kind: 'redirect', location: locationOf(`${bytes}/`, url.rawQuery) };
  }
  // Go 1.26 escapes the already escaped path once more (golang/go#79897).
  if (cleaned !== url.escapedPath) return { kind: 'redirect', location: locationOf(cleaned, url.rawQuery) };
  return found ? { kind: 'pattern', pattern: found } : { kind: 'unknown' };
}
