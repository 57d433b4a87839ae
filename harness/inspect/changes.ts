// Reads the names of files that differ from the image, from the tar of changes and the list of deletions. Unpacks
// nothing.
import { createGunzip } from 'node:zlib';
import { errorText } from '../../fakes/base/error-text';
import { piecesOf, readAt } from '../../specs/archive-file/source';
import { NotATar } from '../../specs/archive-file/tar-header';
import { type TarMember, walkTar } from '../../specs/archive-file/tar-walk';
import type { Contents } from './contents';
import { printable } from './findings';
import type { Inspection } from './inspection';
import { MAX_ITEMS } from './metadata';
import { StreamSource } from './stream-source';

const PIECE = 256 * 1024;
const GZIP = 0x1f8b;
/** Limit for the decompressed size of all members: bytes, or a multiple of the compressed size if that is more. */
const GROWTH = { bytes: 256 * 1024 * 1024, factor: 100 } as const;
/** Bytes. A member that decompresses to no more than this is not reported as the cause. */
const SMALL = 64 * 1024;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

class Bomb extends Error {}

/** Sizes of all members decompressed so far, bytes. */
interface Growth {
  compressed: number;
  grown: number;
}

/** Returns the content of a member, decompressed if necessary. Throws Bomb if it exceeds the limits. */
async function* decompressed(contents: Contents, member: TarMember, growth: Growth): AsyncGenerator<Buffer> {
  const content = contents.archive.content(member);
  const { present } = member;
  const head = await readAt(content, 0, 2);
  const pieces = piecesOf(content, PIECE);
  if (head.length < 2 || head.readUInt16BE(0) !== GZIP) {
    yield* pieces;
    return;
  }
  growth.compressed += present;
  const most = Math.max(GROWTH.bytes, GROWTH.factor * growth.compressed);
  const gunzip = createGunzip();
  // Each piece is copied, because the stream may still read it when the buffer is filled again.
  const feed = (async () => {
    try {
      for await (const piece of pieces)
        if (!gunzip.write(Buffer.from(piece)) && !gunzip.destroyed)
          await new Promise<void>((resolve) => {
            gunzip.once('drain', resolve).once('close', resolve);
          });
      if (!gunzip.destroyed) gunzip.end();
    } catch (error) {
      gunzip.destroy(error instanceof Error ? error : undefined);
    }
  })();
  let grown = 0;
  try {
    for await (const piece of gunzip) {
      grown += piece.length;
      growth.grown += piece.length;
      if (growth.grown > most && grown > Math.max(SMALL, GROWTH.factor * present))
        throw new Bomb(`${growth.compressed} bytes decompress to more than ${most}`);
      yield piece;
    }
  } finally {
    gunzip.destroy();
    await feed;
  }
}

/**
 * Calls `onPath` with the path of each member of a tar, and reads the tar to its end. Throws NotATar if it is not one.
 */
async function listPaths(pieces: AsyncIterable<Buffer>, onPath: (path: string) => void): Promise<void> {
  await using source = new StreamSource(() => pieces, 0);
  const refuse = ({ sentence }: { sentence: string }) => {
    throw new NotATar(sentence);
  };
  for await (const { path } of walkTar(source, refuse)) onPath(path);
}

/** Reads a tar in the archive, compressed or not. */
async function listInner(
  contents: Contents,
  member: TarMember,
  growth: Growth,
  onPath: (path: string) => void,
): Promise<void> {
  const { path } = member;
  try {
    await listPaths(decompressed(contents, member, growth), onPath);
  } catch (error) {
    if (error instanceof Bomb) contents.findings.add('inspect/decompression-bomb', `${path}: ${error.message}`, path);
    else contents.findings.add('inspect/unreadable-image', `${path} cannot be read: ${errorText(error)}`, path);
  }
}

/**
 * Lists the files that were changed or deleted. Reads every compressed member to its end, to detect decompression
 * bombs.
 */
export async function readChanges(contents: Contents): Promise<Inspection['changes']> {
  const changed: string[] = [];
  const deleted: string[] = [];
  const growth = { compressed: 0, grown: 0 };
  const push = (names: string[], name: string) => void (names.length < MAX_ITEMS && names.push(printable(name)));
  const diff = contents.member('rootfs-diff.tar');
  if (diff)
    await listInner(contents, diff, growth, (name) => {
      const slash = name.lastIndexOf('/') + 1;
      if (name.endsWith(OPAQUE)) push(deleted, `/${name.slice(0, slash)}*`);
      else if (name.startsWith(WHITEOUT, slash))
        push(deleted, `/${name.slice(0, slash)}${name.slice(slash + WHITEOUT.length)}`);
      else if (!name.endsWith('/')) push(changed, name.startsWith('/') ? name : `/${name}`);
    });
  const list = await contents.json('deleted.files');
  if (Array.isArray(list)) for (const name of list) if (typeof name === 'string') push(deleted, name);
  for (const member of contents.archive.members)
    if (/^checkpoint\/tmpfs-.*\.tar\.gz\.img$/.test(member.path)) await listInner(contents, member, growth, () => {});
  return { changed, deleted };
}
