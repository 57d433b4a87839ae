// Makes and compresses small tars inside an archive, such as layers and the contents of tmpfs mounts.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Recent } from '../../base/recent';
import { END_OF_ARCHIVE, type NewMember, padding, tarHeader } from './tar-header';

/** A member with its content. Without `content`, it is empty. */
export type SmallMember = Omit<NewMember, 'size'> & { readonly content?: Buffer };

/**
 * Makes a tar.
 *
 * @returns the bytes of the tar, in pieces
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
 * Compresses bytes. Recently compressed bytes are not compressed again.
 *
 * @returns a gzip file, which callers share and must not change
 */
export function gzipped(bytes: Buffer): Buffer {
  const key = createHash('sha256').update(bytes).digest('base64');
  return recent.get(key, () => gzipSync(bytes));
}
