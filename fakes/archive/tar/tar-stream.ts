// Converts the entries of an archive to the bytes of a tar, in portions that a disk can write efficiently.
import type { ArchiveEntry } from '../job';
import { END_OF_ARCHIVE, padding, tarHeader } from './tar-header';

/** Size of a portion, bytes. */
export const PORTION = 1024 * 1024;

/** Thrown if the size of an entry's content differs from the size in the entry. */
class EntrySizeError extends Error {
  override readonly name = 'EntrySizeError';
}

/**
 * A cache of headers, because archives of the same second have many equal headers. Cached headers must not be changed.
 */
const headers = new Map<string, Buffer>();
/** The modification time in the cached headers, seconds since the epoch. */
let cachedTime = 0;
const MAX_HEADERS = 1_000;

function header({ name, mode, size }: ArchiveEntry, mtime: number): Buffer {
  if (cachedTime !== mtime || headers.size >= MAX_HEADERS) headers.clear();
  cachedTime = mtime;
  const key = `${mode} ${size} ${name}`;
  let cached = headers.get(key);
  if (!cached) {
    cached = tarHeader({ name, mode, size, mtime, type: name.endsWith('/') ? 'directory' : 'file' });
    headers.set(key, cached);
  }
  return cached;
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
 * Makes the bytes of a tar.
 * @param mtime modification time of all entries, seconds since the epoch
 * @returns portions, which are generated when they are read. Each portion is a list of buffers with at least `PORTION`
 * bytes together; only the last portion may be smaller
 * @throws EntrySizeError if the size of a content differs from the size in its entry
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
