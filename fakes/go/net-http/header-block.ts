// Parses header lines as Go's net/textproto does: headers before a body, and trailers after a body.

/** Matches a header name that Go accepts while it reads headers. Go refuses a name with a space only later. */
const READABLE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z ]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Finds the first empty line. The bytes start in the middle of a line.
 * @param limit maximum number of bytes to search
 * @returns the size before the empty line (`head`) and including it (`whole`); undefined if there is no empty line
 */
export function headEnd(bytes: Buffer, limit: number): { readonly head: number; readonly whole: number } | undefined {
  // Do not convert all bytes to text, because thousands of requests may follow the first one.
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < limit; at = bytes.indexOf(0x0a, at + 1)) {
    const length = bytes[at + 1] === 0x0a ? 2 : bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a ? 3 : 0;
    if (length > 0) return at + length <= limit ? { head: at, whole: at + length } : undefined;
  }
  return undefined;
}

/**
 * Parses header lines.
 *
 * @returns lists of values by lower-case name; undefined if Go refuses the lines
 */
export function parseHeaders(lines: readonly string[]): Map<string, string[]> | undefined {
  const headers = new Map<string, string[]>();
  const unfolded: string[] = [];
  for (const line of lines) {
    if (!/^[ \t]/.test(line)) {
      // Only a continuation line may have no name.
      if (!line.includes(':')) return undefined;
      unfolded.push(line);
    } else if (unfolded.length === 0) return undefined;
    else unfolded[unfolded.length - 1] += ` ${line.replace(/^[ \t]+/, '')}`;
  }
  for (const line of unfolded) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    if (!READABLE_NAME.test(name) || !HEADER_VALUE.test(value)) return undefined;
    const key = name.toLowerCase();
    const values = headers.get(key);
    if (values) values.push(value);
    else headers.set(key, [value]);
  }
  return headers;
}

const linesOf = (text: string) => text.replace(/\r?\n$/, '').split(/\r?\n/);

/**
 * Validates the header lines that have arrived, as Go does before the rest arrives. Go refuses a line without a colon
 * at once. It reports every other error when the next line has begun and is not a continuation line.
 *
 * @param text the received text, from the start of a line
 * @returns the number of valid and complete characters; undefined if Go refuses the lines
 */
export function validatedLength(text: string): number | undefined {
  const complete = text.lastIndexOf('\n') + 1;
  let validated = complete;
  while (validated > 0 && (validated === text.length || /[ \t]/.test(text.charAt(validated)))) {
    validated = text.lastIndexOf('\n', validated - 2) + 1;
  }
  if (validated > 0 && !parseHeaders(linesOf(text.slice(0, validated)))) return undefined;
  const [open = ''] = linesOf(text.slice(validated, complete));
  return open !== '' && (!open.includes(':') || /^[ \t]/.test(open)) ? undefined : validated;
}
