// What a container had written and deleted: the difference of its root file system, and the contents of its tmpfs.
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errorCode } from '../../base/error-text';
import { ArchiveError } from '../archive-error';
import { bufferSource } from '../tar/byte-source';
import { type IndexedMember, indexTar } from '../tar/tar-index';
import { type CheckpointArchive, listIn } from './checkpoint-archive';
import { entriesOf } from './criu-entries';

/** All changed files of a container are held in memory: no more than this, bytes. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Begins the names of files that say that another one is gone (OCI image specification). */
const WHITEOUT = '.wh.';
/** CRIU's number of the file system. */
const TMPFS = 5;

export interface FileChanges {
  /** By absolute path in the container. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths that are gone. */
  readonly deleted: ReadonlySet<string>;
  /** Absolute paths of folders that are in the difference, made or only changed. */
  readonly directories: ReadonlySet<string>;
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Bytes that may still be decompressed: many small members could each hold much. */
interface Budget {
  left: number;
}

async function decompressed(raw: Buffer, name: string, budget: Budget): Promise<Buffer> {
  try {
    const bytes = isGzip(raw) ? await promisify(gunzip)(raw, { maxOutputLength: Math.max(1, budget.left) }) : raw;
    budget.left -= bytes.length;
    return bytes;
  } catch (error) {
    const isLarge = errorCode(error) === 'ERR_BUFFER_TOO_LARGE';
    throw new ArchiveError('broken-member', isLarge ? `it holds more than ${MAX_BYTES} bytes` : 'unexpected EOF', name);
  }
}

/** A tar inside of the archive, decompressed where it is compressed; names in it lead nowhere but below `root`. */
async function inner(archive: CheckpointArchive, name: string, root: string, budget: Budget) {
  const bytes = await decompressed(await archive.bytes(name), name, budget);
  if (budget.left < 0) throw new ArchiveError('broken-member', `it holds more than ${MAX_BYTES} bytes`, name);
  const source = bufferSource(bytes);
  try {
    const members = await indexTar(source);
    return members.map((member) => ({ member, bytes, at: path.posix.join(root, path.posix.join('/', member.name)) }));
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new ArchiveError('broken-member', error.kind === 'cut' ? 'unexpected EOF' : error.reason, name);
  }
}

const contentOf = ({ offset, size }: IndexedMember, bytes: Buffer) => bytes.toString('utf8', offset, offset + size);

/** Mount points of the tmpfs of a container by their device numbers, as the names of CRIU's images have them. */
async function tmpfsMounts(archive: CheckpointArchive): Promise<ReadonlyMap<string, string>> {
  const image = archive.namesFrom('checkpoint/mountpoints-')[0];
  if (image === undefined) return new Map();
  const mounts = await entriesOf(archive, image.slice('checkpoint/'.length), 'mnt_entry');
  return new Map(
    mounts
      .filter(({ fstype, root }) => fstype === TMPFS && root === '/')
      .map(({ root_dev = 0, mountpoint = '' }) => [String(root_dev), mountpoint] as const),
  );
}

/**
 * Throws an ArchiveError where one of the parts cannot be read.
 *
 * @param mounted absolute paths that others are mounted over: what lies there is not the container's
 */
export async function fileChanges(archive: CheckpointArchive, mounted: ReadonlySet<string>): Promise<FileChanges> {
  const files = new Map<string, string>();
  const deleted = new Set<string>();
  const directories = new Set<string>();
  const budget = { left: MAX_BYTES };
  if (archive.member('rootfs-diff.tar')) {
    for (const { member, bytes, at } of await inner(archive, 'rootfs-diff.tar', '/', budget)) {
      const place = path.posix.join(at, '.');
      if (mounted.has(place)) continue;
      if (member.type === 'directory') directories.add(place);
      if (member.type !== 'file') continue;
      const name = path.posix.basename(at);
      if (name.startsWith(WHITEOUT)) deleted.add(path.posix.join(path.posix.dirname(at), name.slice(WHITEOUT.length)));
      else files.set(at, contentOf(member, bytes));
    }
  }
  if (archive.member('deleted.files')) {
    for (const gone of listIn(await list(archive, 'deleted.files'))) {
      if (typeof gone === 'string') deleted.add(path.posix.join('/', gone));
    }
  }
  const mounts = await tmpfsMounts(archive);
  for (const image of archive.namesFrom('checkpoint/tmpfs-dev-')) {
    const point = mounts.get(/^checkpoint\/tmpfs-dev-(\d+)\.tar\.gz\.img$/.exec(image)?.[1] ?? '');
    if (point === undefined) continue;
    for (const { member, bytes, at } of await inner(archive, image, point, budget)) {
      if (member.type === 'file' && !mounted.has(at)) files.set(at, contentOf(member, bytes));
    }
  }
  return { files, deleted, directories };
}

async function list(archive: CheckpointArchive, name: string): Promise<unknown> {
  try {
    return JSON.parse((await archive.bytes(name)).toString());
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError('broken-member', 'it is not JSON', name);
  }
}
