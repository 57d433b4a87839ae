// URLs as Go's net/url reads and writes them. Input is text of one character per byte, as it stands on the wire.
import { decodeText } from './text';
import { isAuthority } from './url-authority';

/** A parsed request target. */
export interface RequestUrl {
  /** Escapes undone. */
  readonly path: string;
  /** As `URL.EscapedPath` gives it: as it came where that is a valid encoding, else newly escaped. */
  readonly escapedPath: string;
  /** What follows the first question mark, as it came. */
  readonly rawQuery: string;
}

const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/;
/** What may stand in an encoded path: unreserved and sub-delimiters of RFC 3986, colon, at, brackets, escapes. */
const VALID_ENCODED_PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]%/]*$/;

/** Undoes percent escapes; undefined where one is malformed. With `plus`, a plus sign is a space, as in queries. */
export function unescapeUrl(text: string, plus = false): string | undefined {
  if (BAD_ESCAPE.test(text)) return undefined;
  const spaced = plus ? text.replaceAll('+', ' ') : text;
  if (/^[ -$&-~]*$/.test(spaced)) return spaced;
  const raw = spaced.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decodeText(Buffer.from(raw, 'latin1'));
}

/** Escapes a path (one character per byte) as `url.URL.String` does: percent signs too. */
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

/** Parses a request target as `url.ParseRequestURI` does; undefined where that gives an error. A fragment is not split off. */
export function parseRequestUri(target: string): RequestUrl | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
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

/** More parameters than these make Go give up the whole query (net/url, since 1.24.12 and 1.25.6). */
const MAX_QUERY_PARAMETERS = 10_000;

/** All values of one query parameter, in order, as `URL.Query` gives them: malformed pairs and pairs with a semicolon are passed over. */
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
