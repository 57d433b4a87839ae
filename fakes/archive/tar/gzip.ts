// Small tars inside an archive, compressed; equal ones are compressed once.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Recent } from '../../base/recent';
import { END_OF_ARCHIVE, padding, type TarMember, tarHeader } from './tar-header';

const recent = new Recent<Buffer>(64);

/** A member with its content. */
export type SmallMember = Omit<TarMember, 'size'> & { readonly content?: Buffer };

/** The bytes of a tar, piece by piece. */
export function tarPieces(members: readonly SmallMember[]): Buffer[] {
  const pieces = members.flatMap(({ content = Buffer.alloc(0), ...member }) => [
    tarHeader({ ...member, size: content.length }),
    content,
    padding(content.length),
  ]);
  return [...pieces, END_OF_ARCHIVE];
}

/** Compresses; the result of an equal input is handed out again, so it must not be written to. */
export function gzipped(bytes: Buffer): Buffer {
  const key = createHash('sha256').update(bytes).digest('base64');
  return recent.get(key, () => gzipSync(bytes));
}
