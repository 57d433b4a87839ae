// What differs from the image: names only, from the tar of changes and the list of deletions; unpacked nowhere.
import { createGunzip } from 'node:zlib';
import { errorText } from '../../fakes/base/error-text';
import type { Contents } from './contents';
import { printable } from './findings';
import { listNames } from './inner-tar';
import type { Inspection } from './inspection';
import { MAX_ITEMS } from './metadata';
import type { Entry } from './tar-scan';

const PIECE = 256 * 1024;
const GZIP = 0x1f8b;
/** The compressed content of all entries may grow to this many bytes, or to so many times its size. */
const GROWTH = { bytes: 256 * 1024 * 1024, factor: 100 } as const;
/** An entry that grows to no more than this is never to blame; bytes. */
const SMALL = 64 * 1024;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

class Bomb extends Error {}

/** Bytes of all entries that were decompressed so far. */
interface Growth {
  compressed: number;
  grown: number;
}

/** The content of an entry, decompressed where it is; throws Bomb where it grows beyond measure. */
async function* decompressed(contents: Contents, { offset, present }: Entry, growth: Growth): AsyncGenerator<Buffer> {
  const head = await contents.file.bytes(offset, Math.min(2, present));
  const pieces = contents.file.pieces(offset, present, PIECE);
  if (head.length < 2 || head.readUInt16BE(0) !== GZIP) {
    yield* pieces;
    return;
  }
  growth.compressed += present;
  const most = Math.max(GROWTH.bytes, GROWTH.factor * growth.compressed);
  const gunzip = createGunzip();
  // Its own copy of each piece: the stream reads on while this one is filled anew.
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

/** Reads a compressed or plain tar inside of the archive; `onName` gets the name of each member. */
async function listInner(
  contents: Contents,
  entry: Entry,
  growth: Growth,
  onName: (name: string) => void,
): Promise<void> {
  try {
    await listNames(decompressed(contents, entry, growth), onName);
  } catch (error) {
    if (error instanceof Bomb) contents.findings.add('size/bomb', error.message, entry.name);
    else contents.findings.add('image/unreadable', `its content cannot be read: ${errorText(error)}`, entry.name);
  }
}

/** Names of files that were changed or deleted; each compressed entry is read to its end. */
export async function readChanges(contents: Contents): Promise<Inspection['changes']> {
  const changed: string[] = [];
  const deleted: string[] = [];
  const growth = { compressed: 0, grown: 0 };
  const push = (names: string[], name: string) => void (names.length < MAX_ITEMS && names.push(printable(name)));
  const diff = contents.entry('rootfs-diff.tar');
  if (diff)
    await listInner(contents, diff, growth, (name) => {
      const slash = name.lastIndexOf('/') + 1;
      if (name.endsWith(OPAQUE)) push(deleted, `/${name.slice(0, slash)}*`);
      else if (name.startsWith(WHITEOUT, slash))
        push(deleted, `/${name.slice(0, slash)}${name.slice(slash + WHITEOUT.length)}`);
      else if (!name.endsWith('/')) push(changed, `/${name}`);
    });
  const list = contents.entry('deleted.files') ? await contents.json('deleted.files') : undefined;
  if (Array.isArray(list)) for (const name of list) if (typeof name === 'string') push(deleted, name);
  for (const entry of contents.entries)
    if (/^checkpoint\/tmpfs-.*\.tar\.gz\.img$/.test(entry.name)) await listInner(contents, entry, growth, () => {});
  return { changed, deleted };
}
