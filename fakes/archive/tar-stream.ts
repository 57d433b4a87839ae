// Entries of an archive as the bytes of a tar, in portions of a size that suits a disk.
import type { ArchiveEntry } from '../wires';
import { END_OF_ARCHIVE, padding, tarHeader } from './tar-header';

/** Bytes that are gathered before they are handed out. */
const PORTION = 1024 * 1024;

/** What an entry promised is not what it delivers. */
export class EntrySizeError extends Error {
  override readonly name = 'EntrySizeError';
}

function* pieces(entries: Iterable<ArchiveEntry>, mtime: number): Generator<Buffer> {
  for (const { name, mode, size, content } of entries) {
    yield tarHeader({ name, mode, size, mtime, type: name.endsWith('/') ? 'directory' : 'file' });
    let left = size;
    for (const piece of Buffer.isBuffer(content) ? [content] : (content?.() ?? [])) {
      left -= piece.length;
      if (left < 0) throw new EntrySizeError(`archive entry ${name}: write too long`);
      yield piece;
    }
    if (left > 0) throw new EntrySizeError(`archive entry ${name}: missed writing ${left} bytes`);
    yield padding(size);
  }
  yield END_OF_ARCHIVE;
}

/**
 * The bytes of a tar, in lists of buffers of about a mebibyte together, each made when it is asked for.
 *
 * @param mtime of all entries, seconds since the epoch
 * @throws EntrySizeError
 */
export function* tarPortions(entries: Iterable<ArchiveEntry>, mtime: number): Generator<Buffer[]> {
  let portion: Buffer[] = [];
  let size = 0;
  for (const piece of pieces(entries, mtime)) {
    if (piece.length === 0) continue;
    portion.push(piece);
    size += piece.length;
    if (size < PORTION) continue;
    yield portion;
    portion = [];
    size = 0;
  }
  if (portion.length > 0) yield portion;
}
