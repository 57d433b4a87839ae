// Where the members of a tar lie, which anybody may have made: only headers are read, and only so many.
import { ArchiveFault } from '../archive-fault';
import type { ByteSource } from './byte-source';

const BLOCK = 512;
/** A checkpoint has about ten members per process, a file system difference one per changed file. */
const MAX_MEMBERS = 100_000;
/** No header extension of a sane tar is longer; bytes. */
const MAX_EXTENSION = 1024 * 1024;
/** Header blocks read at once where members are small, bytes. */
const AHEAD = 64 * 1024;

export interface TarMember {
  /** As it stands in the archive. */
  readonly name: string;
  readonly type: 'file' | 'folder' | 'other';
  /** Bytes of content. */
  readonly size: number;
  /** Where the content begins, bytes. */
  readonly offset: number;
}

const invalid = () => new ArchiveFault('not-a-tar', 'archive/tar: invalid tar header');
const cut = () => new ArchiveFault('cut', 'unexpected EOF');

const textAt = (header: Buffer, at: number, length: number) =>
  header.toString('utf8', at, at + length).split('\0')[0] ?? '';

function numberAt(header: Buffer, at: number, length: number): number {
  // GNU's form of large numbers: the first bit set, then the number itself.
  const value =
    ((header[at] ?? 0) & 0x80) !== 0
      ? Number(header.readBigUInt64BE(at + length - 8))
      : Number.parseInt(
          header
            .toString('latin1', at, at + length)
            .replaceAll('\0', ' ')
            .trim() || '0',
          8,
        );
  if (!Number.isSafeInteger(value) || value < 0) throw invalid();
  return value;
}

function checksumHolds(header: Buffer): boolean {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  return sum === numberAt(header, 148, 8);
}

/** The records of a PAX header: length, name, value. */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(content.toString('latin1', at, space));
    const [, key, value] = /^([^=]+)=(.*)\n$/s.exec(content.toString('utf8', space + 1, at + length)) ?? [];
    if (!(length > 0) || key === undefined || value === undefined) throw invalid();
    records.set(key, value);
    at += length;
  }
  return records;
}

/** Reads headers, a few of them at once. */
class HeaderReader {
  #start = 0;
  #ahead: Buffer = Buffer.alloc(0);

  constructor(readonly source: ByteSource) {}

  async at(offset: number): Promise<Buffer> {
    if (offset < this.#start || offset + BLOCK > this.#start + this.#ahead.length) {
      this.#start = offset;
      this.#ahead = await this.source.read(offset, AHEAD);
    }
    return this.#ahead.subarray(offset - this.#start, offset - this.#start + BLOCK);
  }
}

/** Types of headers that say something of the member behind them. */
const EXTENSIONS = 'xgLK';

const kindOf = (type: string): TarMember['type'] =>
  type === '0' || type === '7' ? 'file' : type === '5' ? 'folder' : 'other';

/** All members in their order; throws an ArchiveFault where it is no tar, or one that was cut. */
export async function indexTar(source: ByteSource): Promise<TarMember[]> {
  const members: TarMember[] = [];
  const headers = new HeaderReader(source);
  let extension = new Map<string, string>();
  for (let at = 0; at < source.size; ) {
    const header = await headers.at(at);
    if (header.length < BLOCK) throw cut();
    if (header.every((byte) => byte === 0)) break;
    if (!checksumHolds(header)) throw invalid();
    const type = textAt(header, 156, 1) || '0';
    const own = EXTENSIONS.includes(type) ? undefined : extension.get('size');
    const claimed = own === undefined ? numberAt(header, 124, 12) : Number(own);
    if (!Number.isSafeInteger(claimed) || claimed < 0) throw invalid();
    const size = '12345'.includes(type) ? 0 : claimed;
    const offset = at + BLOCK;
    if (offset + size > source.size) throw cut();
    if (EXTENSIONS.includes(type)) {
      if (size > MAX_EXTENSION) throw invalid();
      const content = await source.read(offset, size);
      if (type === 'x') extension = new Map([...extension, ...paxRecords(content)]);
      if (type === 'L') extension.set('path', textAt(content, 0, size));
    } else {
      const isUstar = textAt(header, 257, 8) === 'ustar';
      const prefix = isUstar ? textAt(header, 345, 155) : '';
      const name = extension.get('path') ?? `${prefix === '' ? '' : `${prefix}/`}${textAt(header, 0, 100)}`;
      members.push({ name, type: kindOf(type), size, offset });
      extension = new Map();
      if (members.length > MAX_MEMBERS) {
        throw new ArchiveFault('not-a-tar', `it has more than ${MAX_MEMBERS} members`);
      }
    }
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}
