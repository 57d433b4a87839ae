// What one header block of a tar says (ustar, PAX, GNU): numbers, names, checksums.

export const BLOCK = 512;

/** A source is not a complete tar. The message says why. */
export class NotATar extends Error {}

/** What header extensions say about the member behind them. Nothing else of them is kept. */
const KEPT = ['path', 'linkpath', 'size', 'mtime'] as const;
export type Extension = Partial<Record<(typeof KEPT)[number], string>>;

/** A member as its header describes it. */
export interface TarHeader {
  /** Exactly as the archive has it. */
  readonly name: string;
  /** `0` file, `5` directory, `1` and `2` links. */
  readonly type: string;
  readonly mode: number;
  /** Bytes of content that follow the header. */
  readonly size: number;
  /** Time of change in seconds since the epoch. */
  readonly mtime: number;
  /** Empty unless the member is a link. */
  readonly linkTarget: string;
}

/** Types that have no content, whatever size their headers have: links, devices, directories and pipes. */
const WITHOUT_CONTENT = '123456';
const LINKS = '12';

/** Reads a text field, up to its first NUL. */
const text = (block: Buffer, start: number, length: number) =>
  block.toString('utf8', start, start + length).replace(/\0.*$/s, '');

/** Reads a number in binary: the first bit is set, the second is the sign. */
function base256(field: Buffer): number {
  const bits = BigInt(8 * field.length - 1);
  return Number(BigInt.asIntN(Number(bits), BigInt(`0x${field.toString('hex')}`)));
}

function number(block: Buffer, start: number, length: number): number {
  if ((block[start] ?? 0) & 0x80) return base256(block.subarray(start, start + length));
  const digits = text(block, start, length).trim();
  // The message does not quote the field: if a size is wrong, this is the memory of a process.
  if (!/^[0-7]*$/.test(digits)) throw new NotATar('it has something else where a number belongs');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function checksumHolds(block: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (block[i] ?? 0);
  return sum === number(block, 148, 8);
}

function sizeOf(block: Buffer, extended: string | undefined): number {
  const size = extended === undefined ? number(block, 124, 12) : /^\d+$/.test(extended) ? Number(extended) : -1;
  if (!Number.isSafeInteger(size) || size < 0) throw new NotATar('its size is not a number of bytes');
  return size;
}

/** Reads a header block. Throws NotATar if it is not one. */
export function readHeader(block: Buffer, extension: Extension): TarHeader {
  if (!checksumHolds(block)) throw new NotATar('its checksum does not match');
  const type = text(block, 156, 1) || '0';
  const size = sizeOf(block, extension.size);
  // GNU tar writes other fields where ustar has the prefix.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  const name = extension.path ?? (prefix ? `${prefix}/` : '') + text(block, 0, 100);
  return {
    name,
    // A file whose name ends with a slash is a directory, as tars older than ustar write it.
    type: '07'.includes(type) && name.endsWith('/') ? '5' : type,
    mode: number(block, 100, 8),
    size: WITHOUT_CONTENT.includes(type) ? 0 : size,
    mtime: Number(extension.mtime ?? number(block, 136, 12)),
    linkTarget: LINKS.includes(type) ? (extension.linkpath ?? text(block, 157, 100)) : '',
  };
}

/** Reads the records of a PAX header. Throws NotATar if it is not one. */
function* paxRecords(content: Buffer): Generator<readonly [key: string, value: string]> {
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, Math.max(at, space)));
    const record = /^([^=]+)=(.*)\n$/s.exec(content.toString('utf8', space + 1, at + length));
    if (!Number.isInteger(length) || length < 5 || at + length > content.length || !record)
      throw new NotATar('a PAX header cannot be read');
    const [, key = '', value = ''] = record;
    yield [key, value];
    at += length;
  }
}

const isKept = (key: string): key is (typeof KEPT)[number] => KEPT.some((kept) => kept === key);

/** Types of headers that describe the member behind them. A global one (`g`) never says anything that counts here. */
export const EXTENSIONS = 'xgLK';

/** Returns what is known after one more extension header. Throws NotATar if it cannot be read. */
export function extended(before: Extension, type: string, content: Buffer): Extension {
  if (type === 'L') return { ...before, path: text(content, 0, content.length) };
  if (type === 'K') return { ...before, linkpath: text(content, 0, content.length) };
  if (type === 'g') return before;
  const after: { -readonly [Key in keyof Extension]: Extension[Key] } = { ...before };
  // An empty value means that the header itself counts.
  for (const [key, value] of paxRecords(content)) if (isKept(key) && value !== '') after[key] = value;
  return after;
}
