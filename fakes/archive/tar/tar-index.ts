// Lists the members of a tar file from an untrusted source. It reads only a limited number of headers and no contents.
import { Header } from 'tar/header';
import { ArchiveError } from '../archive-error';
import type { ByteSource } from './byte-source';
import { BLOCK_BYTES } from './tar-header';

/**
 * Maximum number of members. A checkpoint has about ten members per process, and a file system difference has one per
 * changed file.
 */
const MAX_MEMBERS = 100_000;
/** Maximum size of an extension header, bytes. Extension headers in real archives are much smaller. */
const MAX_EXTENSION = 1024 * 1024;
/** Number of bytes that are read at once. These bytes often contain the headers of several small members. */
const READ_AHEAD = 64 * 1024;
/** Types whose header may have a size although no content follows: links, devices, directories and pipes. */
const WITHOUT_CONTENT: ReadonlySet<string | undefined> = new Set([
  'Link',
  'SymbolicLink',
  'CharacterDevice',
  'BlockDevice',
  'Directory',
  'FIFO',
]);
const FILES: ReadonlySet<string | undefined> = new Set(['File', 'OldFile', 'ContiguousFile']);
/** Types of headers that describe the following member. */
const EXTENSIONS: ReadonlySet<string | undefined> = new Set([
  'ExtendedHeader',
  'GlobalExtendedHeader',
  'NextFileHasLongPath',
  'NextFileHasLongLinkpath',
]);

/** A member of a tar, and the position of its content. */
export interface IndexedMember {
  /** The name exactly as in the archive. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'other';
  /** Permission bits. */
  readonly mode: number;
  /** Size of the content in bytes. */
  readonly size: number;
  /** Offset of the content, in bytes from the start of the archive. */
  readonly offset: number;
}

const invalid = () => new ArchiveError('not-a-tar', 'archive/tar: invalid tar header');
const cut = () => new ArchiveError('cut', 'unexpected EOF');

/**
 * Reads the records of a PAX header. `Pax.parse` of the package `tar` skips a malformed record and splits a value at a
 * line break, but Go refuses a malformed record and does not split a value.
 */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(content.toString('latin1', at, space));
    const [, key, value] = /^([^=]+)=(.*)\n$/s.exec(content.toString('utf8', space + 1, at + length)) ?? [];
    if (!(length > 0) || at + length > content.length || key === undefined || value === undefined) throw invalid();
    records.set(key, value);
    at += length;
  }
  return records;
}

/** Reads header blocks, several at once. */
class HeaderReader {
  #start = 0;
  #ahead: Buffer = Buffer.alloc(0);

  constructor(readonly source: ByteSource) {}

  /** Returns the block at an offset, bytes. At the end of the source, the block may be incomplete. */
  async at(offset: number): Promise<Buffer> {
    if (offset < this.#start || offset + BLOCK_BYTES > this.#start + this.#ahead.length) {
      this.#start = offset;
      this.#ahead = await this.source.read(offset, READ_AHEAD);
    }
    return this.#ahead.subarray(offset - this.#start, offset - this.#start + BLOCK_BYTES);
  }
}

function decoded(block: Buffer): Header {
  try {
    const header = new Header(block);
    if (header.cksumValid) return header;
  } catch {
    // The header contains a number that JavaScript cannot represent exactly.
  }
  throw invalid();
}

/** Returns the size of the content in a header, bytes. Like Go, reads a field without digits as 0. */
function sizeOf(header: Header, block: Buffer, extended: string | undefined): number {
  if (WITHOUT_CONTENT.has(header.type)) return 0;
  const isEmpty = () => /^[\0 ]*$/.test(block.toString('latin1', 124, 136));
  const size = extended === undefined ? (header.size ?? (isEmpty() ? 0 : -1)) : Number(extended);
  if (!Number.isSafeInteger(size) || size < 0) throw invalid();
  return size;
}

/**
 * Lists the members of a tar.
 *
 * @returns the members in their order
 * @throws ArchiveError `not-a-tar` if a header is not valid or there are too many members, `cut` if the tar ends early
 */
export async function indexTar(source: ByteSource): Promise<IndexedMember[]> {
  const members: IndexedMember[] = [];
  const headers = new HeaderReader(source);
  let extension = new Map<string, string>();
  for (let at = 0; at < source.size; ) {
    const block = await headers.at(at);
    if (block.length < BLOCK_BYTES) throw cut();
    if (block.every((byte) => byte === 0)) break;
    const header = decoded(block);
    const { type, path = '', mode = 0 } = header;
    const isExtension = EXTENSIONS.has(type);
    const size = sizeOf(header, block, isExtension ? undefined : extension.get('size'));
    const offset = at + BLOCK_BYTES;
    if (offset + size > source.size) throw cut();
    if (isExtension) {
      if (size > MAX_EXTENSION) throw invalid();
      const content = await source.read(offset, size);
      if (type === 'ExtendedHeader') extension = new Map([...extension, ...paxRecords(content)]);
      if (type === 'NextFileHasLongPath') extension.set('path', content.toString().split('\0')[0] ?? '');
    } else {
      const kind = FILES.has(type) ? 'file' : type === 'Directory' ? 'directory' : 'other';
      members.push({ name: extension.get('path') ?? path, type: kind, mode: mode & 0o7777, size, offset });
      extension = new Map();
      if (members.length > MAX_MEMBERS) {
        throw new ArchiveError('not-a-tar', `it has more than ${MAX_MEMBERS} members`);
      }
    }
    at = offset + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return members;
}
