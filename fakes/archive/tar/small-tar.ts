// Small tars inside an archive, such as layers and the contents of tmpfs mounts, and their compression.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Recent } from '../../base/recent';
import { END_OF_ARCHIVE, type NewMember, padding, tarHeader } from './tar-header';

/** A member that is written together with its content; without `content`, it is empty. */
export type SmallMember = Omit<NewMember, 'size'> & { readonly content?: Buffer };

/**
 * Makes a tar.
 *
 * @returns its bytes, piece by piece
 */
export function tarPieces(members: readonly SmallMember[]): Buffer[] {
  const pieces = members.flatMap(({ content = Buffer.alloc(0), ...member }) => [
    tarHeader({ ...member, size: content.length }),
    content,
    padding(content.length),
  ]);
  return [...pieces, END_OF_ARCHIVE];
}

const recent = new Recent<Buffer>(64);

/**
 * Compresses bytes. Equal bytes are compressed once as long as they are among the recent ones.
 *
 * @returns a gzip file, which callers share and must not change
 */
export function gzipped(bytes: Buffer): Buffer {
  const key = createHash('sha256').update(bytes).digest('base64');
  return recent.get(key, () => gzipSync(bytes));
}
