// Parses and writes URLs as Go's net/url does. Input is text with one character per byte, as it was received.
import { decodeText } from './text';
import { isAuthority } from './url-authority';

/** A parsed request target. */
export interface RequestUrl {
  /** The unescaped path. */
  readonly path: string;
  /**
   * The path as in `URL.EscapedPath`: the received path if it is a valid encoding, else the unescaped path, escaped
   * again.
   */
  readonly escapedPath: string;
  /** The text after the first question mark, as received. */
  readonly rawQuery: string;
}

const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/;
/** Matches an encoded path: unreserved characters and delimiters of RFC 3986, brackets, and escapes. */
const VALID_ENCODED_PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]%/]*$/;

/**
 * Unescapes percent escapes.
 *
 * @param plus whether a plus sign means a space, as in queries
 * @returns the unescaped text; undefined if an escape is malformed
 */
export function unescapeUrl(text: string, plus = false): string | undefined {
  if (BAD_ESCAPE.test(text)) return undefined;
  const spaced = plus ? text.replaceAll('+', ' ') : text;
  if (/^[ -$&-~]*$/.test(spaced)) return spaced;
  const raw = spaced.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decodeText(Buffer.from(raw, 'latin1'));
}

/**
 * Escapes a path as `url.URL.String` does, including percent signs.
 *
 * @param path the unescaped path, one character per byte
 */
export function escapePath(path: string): string {
  return path.replace(
    /[^A-Za-z0-9\-._~$&+,/:;=@]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function pathOf(raw: string): Pick<RequestUrl, 'path' | 'escapedPath'> | undefined {
  const path = unescapeUrl(raw);
  if (path === undefined) return undefined;
  if (VALID_ENCODED_PATH.test(raw)) return { path, escapedPath: raw };
  const bytes = raw.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { path, escapedPath: escapePath(bytes) };
}

/**
 * Parses a request target as `url.ParseRequestURI` does. A fragment is part of the path.
 *
 * @returns the parsed target; undefined if Go reports an error
 */
export function parseRequestUri(target: string): RequestUrl | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must match control characters
  if (target === '' || /[\x00-\x1f\x7f]/.test(target)) return undefined;
  if (target === '*') return { path: '*', escapedPath: '*', rawQuery: '' };
  const [, scheme, rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(target) ?? [];
  const mark = rest.indexOf('?');
  const hierarchy = mark < 0 ? rest : rest.slice(0, mark);
  const rawQuery = mark < 0 ? '' : rest.slice(mark + 1);
  if (!hierarchy.startsWith('/')) return scheme ? { path: '', escapedPath: '', rawQuery } : undefined;
  if (scheme && hierarchy.startsWith('//')) {
    const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(hierarchy) ?? [];
    if (!isAuthority(authority, scheme)) return undefined;
    const parsed = pathOf(path);
    return parsed && { ...parsed, rawQuery };
  }
  const parsed = pathOf(hierarchy);
  return parsed && { ...parsed, rawQuery };
}

/**
 * Maximum number of parameters in a query. Go ignores a query with more parameters (net/url since Go 1.24.12 and
 * 1.25.6).
 */
const MAX_QUERY_PARAMETERS = 10_000;

/**
 * Returns the values of a query parameter as `URL.Query` does. Malformed pairs and pairs with a semicolon are skipped.
 * @returns the values in their order
 */
export function queryValues(rawQuery: string, name: string): string[] {
  if (rawQuery === '') return [];
  const pairs = rawQuery.split('&');
  if (pairs.length > MAX_QUERY_PARAMETERS) return [];
  return pairs.flatMap((pair) => {
    if (pair === '' || pair.includes(';')) return [];
    const equals = pair.indexOf('=');
    const key = unescapeUrl(equals < 0 ? pair : pair.slice(0, equals), true);
    const value = unescapeUrl(equals < 0 ? '' : pair.slice(equals + 1), true);
    return key === name && value !== undefined ? [value] : [];
  });
}
