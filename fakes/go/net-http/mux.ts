// Matches paths with patterns and redirects unclean paths, as net/http's ServeMux does in Go 1.26.
import path from 'node:path';
import { escapePath, type RequestUrl, unescapeUrl } from '../url';

/** The result for a request: a pattern matches, the client is redirected, or the path is unknown. */
export type MuxMatch<Pattern extends string> =
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'unknown' };

/** Removes empty, `.` and `..` segments from a path, but not a slash at its end. */
function cleanPath(given: string): string {
  if (given === '') return '/';
  return path.posix.normalize(given.startsWith('/') ? given : `/${given}`);
}

/** Splits a path into unescaped segments, which are compared with patterns. */
const segmentsOf = (escapedPath: string) => escapedPath.split('/').map((segment) => unescapeUrl(segment) ?? segment);

/**
 * Returns whether a pattern matches a path. A pattern matches if it equals the path, or if it ends with a slash and the
 * path begins with the pattern.
 */
function matches(pattern: string, wanted: readonly string[]): boolean {
  const own = pattern.split('/');
  const isTree = pattern.endsWith('/');
  const fixed = isTree ? own.slice(0, -1) : own;
  return (
    (isTree ? wanted.length >= own.length : wanted.length === own.length) &&
    fixed.every((segment, i) => segment === wanted[i])
  );
}

/** Computes `url.URL{Path: target, RawQuery: rawQuery}.String()`. */
const locationOf = (target: string, rawQuery: string) => escapePath(target) + (rawQuery === '' ? '' : `?${rawQuery}`);

/**
 * Finds the pattern for a request, which is the longest matching pattern.
 *
 * @param patterns paths; a path that ends with a slash also matches all paths below it
 */
export function matchMux<Pattern extends string>(
  patterns: readonly Pattern[],
  method: string,
  url: RequestUrl,
): MuxMatch<Pattern> {
  // CONNECT is never redirected.
  const cleaned = method === 'CONNECT' ? url.escapedPath : cleanPath(url.escapedPath);
  const wanted = segmentsOf(cleaned);
  let found: Pattern | undefined;
  for (const pattern of patterns) {
    if ((found === undefined || pattern.length > found.length) && matches(pattern, wanted)) found = pattern;
  }
  if (
    !found &&
    patterns.some((pattern) => pattern.split('/').length === wanted.length + 1 && matches(pattern, [...wanted, '']))
  ) {
    const bytes = Buffer.from(cleanPath(url.path)).toString('latin1');
    return { kind: 'redirect', location: locationOf(`${bytes}/`, url.rawQuery) };
  }
  // Go 1.26 escapes the path a second time (golang/go#79897).
  if (cleaned !== url.escapedPath) return { kind: 'redirect', location: locationOf(cleaned, url.rawQuery) };
  return found ? { kind: 'pattern', pattern: found } : { kind: 'unknown' };
}
