// Reads the header blocks of a tar in the formats ustar, PAX and GNU.

export const BLOCK = 512;

/** An error that says why a source is not a complete tar. */
export class NotATar extends Error {}

/** The keys of extension headers that the reader uses. The reader ignores all other keys. */
const KEPT = ['path', 'linkpath', 'size', 'mtime'] as const;
export interface Extension extends Partial<Readonly<Record<(typeof KEPT)[number], string>>> {
  /** What GNU tar's records say about a sparse member. */
  readonly sparse?: Sparse;
}

/** Name and size of a sparse member, and its map of parts if the map is not in the content. */
interface Sparse {
  readonly name?: string;
  readonly size?: string;
  readonly map?: string;
}

/** The header of a member. */
export interface TarHeader {
  /** The name exactly as the archive contains it. */
  readonly name: string;
  /** `0`: file, `5`: directory, `1`: hard link, `2`: symbolic link. */
  readonly type: string;
  readonly mode: number;
  /** Size of the content after the header, bytes. */
  readonly size: number;
  /** Modification time, seconds since the epoch. */
  readonly mtime: number;
  /** Empty if the member is not a link. */
  readonly linkTarget: string;
}

/** Types without content, whatever size the header says: links, devices, directories and pipes. */
const WITHOUT_CONTENT = '123456';
const LINKS = '12';

/** Returns a text field up to its first NUL. */
const text = (block: Buffer, start: number, length: number) =>
  block.toString('utf8', start, start + length).replace(/\0.*$/s, '');

/** Reads a binary number. The first bit marks the number as binary, and the second bit is the sign. */
function base256(field: Buffer): number {
  const bits = BigInt(8 * field.length - 1);
  return Number(BigInt.asIntN(Number(bits), BigInt(`0x${field.toString('hex')}`)));
}

/** Reads a number field. Throws NotATar if the field is not a number. */
export function tarNumber(block: Buffer, start: number, length: number): number {
  if ((block[start] ?? 0) & 0x80) return base256(block.subarray(start, start + length));
  const digits = text(block, start, length).trim();
  // The message does not quote the field: if an earlier size was wrong, the field may be memory of a process.
  if (!/^[0-7]*$/.test(digits)) throw new NotATar('it has something else where a number belongs');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function checksumHolds(block: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (block[i] ?? 0);
  return sum === tarNumber(block, 148, 8);
}

function sizeOf(block: Buffer, extended: string | undefined): number {
  const size = extended === undefined ? tarNumber(block, 124, 12) : /^\d+$/.test(extended) ? Number(extended) : -1;
  if (!Number.isSafeInteger(size) || size < 0) throw new NotATar('its size is not a number of bytes');
  return size;
}

/**
 * Reads a header block.
 *
 * @param extension values of extension headers, which replace the values in the block
 * @throws NotATar if the block is not a header
 */
export function readHeader(block: Buffer, extension: Extension): TarHeader {
  if (!checksumHolds(block)) throw new NotATar('its checksum does not match');
  const type = text(block, 156, 1) || '0';
  const size = sizeOf(block, extension.size);
  // GNU tar uses the space of the ustar prefix for other fields.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  const name = extension.sparse?.name ?? extension.path ?? (prefix ? `${prefix}/` : '') + text(block, 0, 100);
  return {
    name,
    // Tar formats older than ustar mark a directory with a slash at the end of its name.
    type: '07'.includes(type) && name.endsWith('/') ? '5' : type,
    mode: tarNumber(block, 100, 8),
    size: WITHOUT_CONTENT.includes(type) ? 0 : size,
    mtime: Number(extension.mtime ?? tarNumber(block, 136, 12)),
    linkTarget: LINKS.includes(type) ? (extension.linkpath ?? text(block, 157, 100)) : '',
  };
}

/** Yields the records of a PAX header. Throws NotATar if the header is not valid. */
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

/** Types of headers that describe the next member. A global header (`g`) is read, but its values are not used. */
export const EXTENSIONS = 'xgLK';

/**
 * Returns the values of extension headers, updated with another extension header. Throws NotATar if the header cannot
 * be read.
 */
export function extended(before: Extension, type: string, content: Buffer): Extension {
  if (type === 'L') return { ...before, path: text(content, 0, content.length) };
  if (type === 'K') return { ...before, linkpath: text(content, 0, content.length) };
  if (type === 'g') return before;
  let after = before;
  for (const [key, value] of paxRecords(content)) {
    // An empty value means that the field of the member's own header is used.
    if (isKept(key) && value !== '') after = { ...after, [key]: value };
    else if (key.startsWith(SPARSE)) after = withSparse(after, key.slice(SPARSE.length), value);
  }
  return after;
}

const SPARSE = 'GNU.sparse.';

/** Returns the values of extension headers, updated with another record about a sparse member. */
function withSparse(before: Extension, key: string, value: string): Extension {
  const { map } = before.sparse ?? {};
  const changes: Readonly<Record<string, Extension>> = {
    name: { sparse: { ...before.sparse, name: value } },
    size: { sparse: { ...before.sparse, size: value } },
    realsize: { sparse: { ...before.sparse, size: value } },
    map: { sparse: { ...before.sparse, map: value } },
    // The first version of the format repeats a pair of records for each part.
    offset: { sparse: { ...before.sparse, map: map ? `${map},${value}` : value } },
    numbytes: { sparse: { ...before.sparse, map: `${map},${value}` } },
  };
  return { ...before, ...changes[key] };
}
