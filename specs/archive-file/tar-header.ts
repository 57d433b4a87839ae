// What one header block of a tar says (ustar, pax, GNU): numbers, names, checksums.

export const BLOCK = 512;

/** The archive is not a whole tar; the message says what is wrong with it. */
export class NotATar extends Error {}

/** A text field, up to its first NUL. */
export const text = (header: Buffer, start: number, length: number) =>
  header.toString('utf8', start, start + length).replace(/\0.*$/s, '');

/** A number field, octal or base 256; throws NotATar on anything else. */
export function octal(header: Buffer, start: number, length: number): number {
  const first = header[start] ?? 0;
  if (first & 0x80) return Number(BigInt(`0x${header.toString('hex', start + 1, start + length)}`));
  const digits = text(header, start, length).trim();
  // Not what is there instead: where a size is wrong, it is the memory of a process.
  if (!/^[0-7]*$/.test(digits)) throw new NotATar('a header holds something else where a number belongs');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

export function checksumHolds(header: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (header[i] ?? 0);
  return sum === octal(header, 148, 8);
}

/** Records of a pax header; throws NotATar where it is none. */
export function paxRecords(content: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('utf8', at, space));
    if (space < 0 || !Number.isInteger(length) || length < 5) throw new NotATar('a pax header cannot be read');
    const [, key = '', value = ''] = /^([^=]*)=(.*)\n$/s.exec(content.toString('utf8', space + 1, at + length)) ?? [];
    records[key] = value;
    at += length;
  }
  return records;
}
