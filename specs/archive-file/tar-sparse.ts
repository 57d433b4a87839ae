// Reads sparse members (files with holes) in GNU tar's own format and in three versions of PAX records.
import { readAt, type SeekableSource } from './source';
import { BLOCK, type Extension, NotATar, tarNumber } from './tar-header';

export interface SparsePart {
  /** Offset in the file, bytes. */
  readonly at: number;
  readonly length: number;
}

/** The content of a sparse member. The archive contains its parts one after the other. */
export interface SparseContent {
  /** Size including all holes, bytes. */
  readonly size: number;
  readonly parts: readonly SparsePart[];
  /** Offset of the first part in the archive, bytes. */
  readonly offset: number;
  /** Offset of the next header, bytes. */
  readonly end: number;
}

/** Maximum number of parts of a sparse member. */
const MAX_PARTS = 100_000;
/** Offsets of fields, in bytes, and numbers of parts in a header of GNU tar and in the blocks that continue its map. */
const GNU = { map: 386, parts: 4, continues: 482, size: 483 } as const;
const CONTINUATION = { map: 0, parts: 21, continues: 504 } as const;
const PART = 24;
const FIELD = 12;

const unreadable = () => new NotATar('its map of holes cannot be read');
const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

function whole(text: string | undefined): number {
  if (!/^\d{1,15}$/.test(text ?? '')) throw unreadable();
  return Number(text);
}

/**
 * Groups numbers into parts. Throws NotATar if parts overlap or exceed the size of the file or of its stored content.
 */
function partsOf(numbers: readonly number[], size: number, packed: number): SparsePart[] {
  if (numbers.length % 2 !== 0 || numbers.length > 2 * MAX_PARTS) throw unreadable();
  const parts: SparsePart[] = [];
  let end = 0;
  let sum = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    const [at = 0, length = 0] = numbers.slice(i, i + 2);
    if (at < end || length < 0 || at + length > size) throw unreadable();
    end = at + length;
    sum += length;
    if (length > 0) parts.push({ at, length });
  }
  if (sum !== packed) throw unreadable();
  return parts;
}

function gnuNumbers(block: Buffer, { map, parts }: typeof GNU | typeof CONTINUATION): number[] {
  const numbers: number[] = [];
  for (let at = map; at < map + parts * PART && block[at] !== 0; at += PART)
    numbers.push(tarNumber(block, at, FIELD), tarNumber(block, at + FIELD, FIELD));
  return numbers;
}

/** Reads a member of type `S`. Its map is in its header and in the blocks after it. */
async function gnuSparse(source: SeekableSource, block: Buffer, after: number, packed: number): Promise<SparseContent> {
  const numbers = gnuNumbers(block, GNU);
  let offset = after;
  for (let more = block[GNU.continues] !== 0; more && numbers.length <= 2 * MAX_PARTS; offset += BLOCK) {
    const next = await readAt(source, offset, BLOCK);
    if (next.length < BLOCK) throw unreadable();
    numbers.push(...gnuNumbers(next, CONTINUATION));
    more = next[CONTINUATION.continues] !== 0;
  }
  const size = tarNumber(block, GNU.size, FIELD);
  return { size, parts: partsOf(numbers, size, packed), offset, end: offset + padded(packed) };
}

/**
 * Reads a map at the beginning of the content. The map contains the number of parts, and then the offset and the size
 * of each part. Each number is on its own line. The map is padded to a block.
 */
async function mapInContent(source: SeekableSource, at: number, packed: number) {
  const numbers: number[] = [];
  let [wanted, line, bytes] = [1, '', 0];
  while (numbers.length < wanted) {
    const block = bytes < packed ? await readAt(source, at + bytes, BLOCK) : Buffer.alloc(0);
    if (block.length < BLOCK) throw unreadable();
    bytes += BLOCK;
    const lines = (line + block.toString('latin1')).split('\n');
    line = lines.pop() ?? '';
    for (const text of lines) {
      if (numbers.length >= wanted) break;
      numbers.push(whole(text));
      if (numbers.length === 1) wanted = 1 + 2 * (numbers[0] ?? 0);
    }
    if (wanted > 1 + 2 * MAX_PARTS || line.length > BLOCK) throw unreadable();
  }
  return { numbers: numbers.slice(1), bytes };
}

/**
 * Reads the map of a sparse member in any format.
 *
 * @param block header of the member
 * @param after offset of the data after the header, bytes
 * @param packed size of the data after the header, bytes
 * @returns undefined if the member is not sparse
 * @throws NotATar if the map cannot be read
 */
export async function sparseContent(
  source: SeekableSource,
  block: Buffer,
  { sparse }: Extension,
  after: number,
  packed: number,
): Promise<SparseContent | undefined> {
  if (block[156] === 'S'.charCodeAt(0)) return gnuSparse(source, block, after, packed);
  if (!sparse) return undefined;
  const size = whole(sparse.size);
  const end = after + padded(packed);
  if (sparse.map !== undefined) {
    const numbers = sparse.map === '' ? [] : sparse.map.split(',').map(whole);
    return { size, parts: partsOf(numbers, size, packed), offset: after, end };
  }
  const { numbers, bytes } = await mapInContent(source, after, packed);
  return { size, parts: partsOf(numbers, size, packed - bytes), offset: after + bytes, end };
}

/** Returns the content of a sparse member as a source, with zeros in its holes. */
export function withHoles(source: SeekableSource, { size, parts, offset }: SparseContent): SeekableSource {
  const starts: number[] = [];
  let packed = offset;
  for (const { length } of parts) {
    starts.push(packed);
    packed += length;
  }
  /** Returns the index of the first part that ends after an offset. */
  const partAfter = (at: number) => {
    let [low, high] = [0, parts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const part = parts[middle];
      if (part && part.at + part.length <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    size,
    async fill(buffer, at) {
      const wanted = buffer.subarray(0, Math.max(0, Math.min(buffer.length, size - at)));
      wanted.fill(0);
      for (let i = partAfter(at); i < parts.length; i += 1) {
        const part = parts[i];
        if (!part || part.at >= at + wanted.length) break;
        const from = Math.max(part.at, at);
        const to = Math.min(part.at + part.length, at + wanted.length);
        await source.fill(wanted.subarray(from - at, to - at), (starts[i] ?? 0) + from - part.at);
      }
      return wanted.length;
    },
  };
}
