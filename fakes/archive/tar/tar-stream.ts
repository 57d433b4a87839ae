// Entries of an archive as the bytes of a tar, in portions of a size that suits a disk.
import type { ArchiveEntry } from '../job';
import { END_OF_ARCHIVE, padding, tarHeader } from './tar-header';

/** Bytes that are gathered before they are handed out. */
export const PORTION = 1024 * 1024;

/** What an entry promised is not what it delivers. */
class EntrySizeError extends Error {
  override readonly name = 'EntrySizeError';
}

/** Headers that many archives of one second have alike; they are shared, so nobody may write into them. */
const headers = new Map<string, Buffer>();
let headersOf = 0;
const MAX_HEADERS = 1_000;

function header({ name, mode, size }: ArchiveEntry, mtime: number): Buffer {
  if (headersOf !== mtime || headers.size >= MAX_HEADERS) headers.clear();
  headersOf = mtime;
  const key = `${mode} ${size} ${name}`;
  let made = headers.get(key);
  if (!made) {
    made = tarHeader({ name, mode, size, mtime, type: name.endsWith('/') ? 'directory' : 'file' });
    headers.set(key, made);
  }
  return made;
}

function* pieces(entries: Iterable<ArchiveEntry>, mtime: number): Generator<Buffer> {
  for (const entry of entries) {
    const { name, size, content } = entry;
    yield header(entry, mtime);
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
