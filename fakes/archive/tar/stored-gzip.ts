// gzip without compression, of a size known beforehand: for contents too large to be compressed at once.
import type { ArchiveEntry } from '../job';

/** Largest stored block of deflate (RFC 1951, 3.2.4). */
const MAX_BLOCK = 0xffff;
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const TRAILER_BYTES = 8;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function crc32(bytes: Buffer, before: number): number {
  let crc = ~before;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function* stored(parts: readonly Buffer[], length: number): Generator<Buffer> {
  yield HEADER;
  let crc = 0;
  let left = length;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += MAX_BLOCK) {
      const piece = part.subarray(at, at + MAX_BLOCK);
      left -= piece.length;
      crc = crc32(piece, crc);
      const head = Buffer.alloc(5);
      head.writeUInt8(left === 0 ? 1 : 0, 0);
      head.writeUInt16LE(piece.length, 1);
      head.writeUInt16LE(0xffff ^ piece.length, 3);
      yield head;
      yield piece;
    }
  }
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield trailer;
}

/** Size and content of a gzip file that holds `parts` behind each other, not all of them empty. */
export function storedGzip(parts: readonly Buffer[]): Required<Pick<ArchiveEntry, 'size' | 'content'>> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const blocks = parts.reduce((sum, part) => sum + Math.ceil(part.length / MAX_BLOCK), 0);
  return { size: HEADER.length + 5 * blocks + length + TRAILER_BYTES, content: () => stored(parts, length) };
}
