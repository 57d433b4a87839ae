// Bytes that are read at any offset, in pieces of limited size: a file, or a part of one.
import { openRegular } from './regular-file';

/** Bytes that can be read at any offset. */
export interface SeekableSource {
  /** Number of bytes. */
  readonly size: number;
  /**
   * Fills a buffer.
   *
   * @param at offset of the first byte
   * @returns how many bytes were read: fewer than the buffer holds only at the end of the source
   */
  fill(buffer: Buffer, at: number): Promise<number>;
}

/** A source that is a file, with its permission bits. */
export interface ArchiveSource extends SeekableSource {
  readonly mode?: number;
}

const PIECE_BYTES = 1024 * 1024;

/** Reads bytes, which the caller may keep; fewer at the end of the source. */
export async function readAt(source: SeekableSource, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, source.size - at)));
  return buffer.subarray(0, await source.fill(buffer, at));
}

/** Reads a source from its beginning to its end. A piece is valid until the next one is asked for. */
export async function* piecesOf(source: SeekableSource, pieceBytes = PIECE_BYTES): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(pieceBytes, source.size)));
  for (let at = 0; at < source.size; ) {
    const read = await source.fill(buffer.subarray(0, Math.min(buffer.length, source.size - at)), at);
    if (read === 0) return;
    yield buffer.subarray(0, read);
    at += read;
  }
}

/** Returns a part of a source. */
export const sectionOf = (source: SeekableSource, offset: number, size: number): SeekableSource => ({
  size,
  fill: (buffer, at) => source.fill(buffer.subarray(0, Math.max(0, Math.min(buffer.length, size - at))), offset + at),
});

/**
 * Returns the source that opens a regular file for each read, so that nothing has to be closed.
 *
 * @throws NotATar if there is something other than a regular file at the path
 */
export async function fileSource(path: string): Promise<ArchiveSource> {
  await using opened = await openRegular(path);
  const { size, mode } = await opened.stat();
  const fill = async (buffer: Buffer, at: number) => {
    await using file = await openRegular(path);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  };
  return { size, mode: mode & 0o7777, fill };
}
