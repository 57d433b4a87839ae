// Makes gzip files without compression. Their size is known before they are written, so large contents need no memory
// and do not block the event loop.
import { crc32 } from 'node:zlib';
import type { ArchiveEntry } from '../job';

/** Maximum size of a stored block of deflate, bytes (RFC 1951, 3.2.4). */
const MAX_BLOCK = 0xffff;
const BLOCK_HEAD_BYTES = 5;
/** A gzip header without a name or a time (RFC 1952, 2.3). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const TRAILER_BYTES = 8;

function* stored(parts: readonly Buffer[], length: number): Generator<Buffer> {
  yield HEADER;
  let checksum = 0;
  let left = length;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += MAX_BLOCK) {
      const piece = part.subarray(at, at + MAX_BLOCK);
      left -= piece.length;
      checksum = crc32(piece, checksum);
      const head = Buffer.alloc(BLOCK_HEAD_BYTES);
      head.writeUInt8(left === 0 ? 1 : 0, 0);
      head.writeUInt16LE(piece.length, 1);
      head.writeUInt16LE(0xffff ^ piece.length, 3);
      yield head;
      yield piece;
    }
  }
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield trailer;
}

/**
 * Wraps contents into a gzip file without compressing them.
 *
 * @param parts the contents of the file, in their order. At least one of them must not be empty
 * @returns the size of the file in bytes, and its content, which is generated when it is read
 */
export function storedGzip(parts: readonly Buffer[]): Required<Pick<ArchiveEntry, 'size' | 'content'>> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const blocks = parts.reduce((sum, part) => sum + Math.ceil(part.length / MAX_BLOCK), 0);
  const size = HEADER.length + BLOCK_HEAD_BYTES * blocks + length + TRAILER_BYTES;
  return { size, content: () => stored(parts, length) };
}
