// Header lines as Go's net/textproto reads them, in front of a body and, as trailers, behind one.

/** Go lets a space into a name while reading, and refuses it by name later. */
const READABLE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z ]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Where the first empty line is: bytes in front of it and of all with it; undefined where there is none within `limit` bytes.
 * The first byte counts as one of a line before.
 */
export function headEnd(bytes: Buffer, limit: number): { readonly head: number; readonly whole: number } | undefined {
  // Not by a text of all of it: thousands of requests may stand behind the first one.
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < limit; at = bytes.indexOf(0x0a, at + 1)) {
    const length = bytes[at + 1] === 0x0a ? 2 : bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a ? 3 : 0;
    if (length > 0) return at + length <= limit ? { head: at, whole: at + length } : undefined;
  }
  return undefined;
}

/** Header lines to lists by lower-case name; undefined where Go cannot read them. */
export function parseHeaders(lines: readonly string[]): Map<string, string[]> | undefined {
  const headers = new Map<string, string[]>();
  const unfolded: string[] = [];
  for (const line of lines) {
    if (!/^[ \t]/.test(line)) {
      // A line that goes on in the next one has its name already.
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
 * Judges header lines before all have come, as Go does: that a line has no colon it says at once, all else when the next
 * line has begun, and is no part of this one.
 * @param text from the start of a line on
 * @returns characters that need no second look; undefined where Go cannot read them
 */
export function settledHeaders(text: string): number | undefined {
  const whole = text.lastIndexOf('\n') + 1;
  let settled = whole;
  while (settled > 0 && (settled === text.length || /[ \t]/.test(text.charAt(settled)))) {
    settled = text.lastIndexOf('\n', settled - 2) + 1;
  }
  if (settled > 0 && !parseHeaders(linesOf(text.slice(0, settled)))) return undefined;
  const [open = ''] = linesOf(text.slice(settled, whole));
  return open !== '' && (!open.includes(':') || /^[ \t]/.test(open)) ? undefined : settled;
}
