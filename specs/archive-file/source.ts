// Reads bytes of a file, or of a part of a file, at any offset and in pieces of limited size.
import { openRegular } from './regular-file';

/** Bytes that can be read at any offset. */
export interface SeekableSource {
  /** Size, bytes. */
  readonly size: number;
  /**
   * Fills a buffer.
   *
   * @param at offset of the first byte
   * @returns the number of bytes read; less than the size of the buffer only at the end of the source
   */
  fill(buffer: Buffer, at: number): Promise<number>;
}

/** A file as source, with its permission bits. */
export interface ArchiveSource extends SeekableSource {
  readonly mode?: number;
}

const PIECE_BYTES = 1024 * 1024;

/** Reads bytes into a new buffer; fewer than `length` at the end of the source. */
export async function readAt(source: SeekableSource, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, source.size - at)));
  return buffer.subarray(0, await source.fill(buffer, at));
}

/** Reads a source from beginning to end. Each piece is valid until the next piece is read. */
export async function* piecesOf(source: SeekableSource, pieceBytes = PIECE_BYTES): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(pieceBytes, source.size)));
  for (let at = 0; at < source.size; ) {
    const read = await source.fill(buffer.subarray(0, Math.min(buffer.length, source.size - at)), at);
    if (read === 0) return;
    yield buffer.subarray(0, read);
    at += read;
  }
}

/** Returns a source that contains a part of another source. */
export const sectionOf = (source: SeekableSource, offset: number, size: number): SeekableSource => ({
  size,
  fill: (buffer, at) => source.fill(buffer.subarray(0, Math.max(0, Math.min(buffer.length, size - at))), offset + at),
});

/**
 * Returns a source that opens the file for each read, so that it does not need to be closed.
 *
 * @throws NotATar if the path is not a regular file
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
