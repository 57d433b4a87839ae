// Reads the files that a container had changed and deleted, in its root file system and in its tmpfs mounts.
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errorCode } from '../../base/error-text';
import { ArchiveError } from '../archive-error';
import { bufferSource } from '../tar/byte-source';
import { type IndexedMember, indexTar } from '../tar/tar-index';
import { type CheckpointArchive, listIn } from './checkpoint-archive';
import { entriesOf } from './criu-entries';

/** Maximum size of all changed files of a container together, bytes. They are kept in memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Prefix of the names of files that mark a deleted file (OCI image specification). */
const WHITEOUT = '.wh.';
/** CRIU's number of the file system tmpfs. */
const TMPFS = 5;

/** The changes of a container. All paths are absolute paths in the container. */
export interface FileChanges {
  /** Contents of new and changed files, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths of deleted files. */
  readonly deleted: ReadonlySet<string>;
  /** Paths of new and changed directories. */
  readonly directories: ReadonlySet<string>;
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The number of bytes that may still be decompressed, for all members together. */
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
    throw new ArchiveError(
      'broken-member',
      isLarge ? `it contains more than ${MAX_BYTES} bytes` : 'unexpected EOF',
      name,
    );
  }
}

/** Reads a tar in the archive, compressed or not. The paths of its members are always below `root`. */
async function innerTar(archive: CheckpointArchive, name: string, root: string, budget: Budget) {
  const bytes = await decompressed(await archive.bytes(name), name, budget);
  if (budget.left < 0) throw new ArchiveError('broken-member', `it contains more than ${MAX_BYTES} bytes`, name);
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

/** Returns the mount points of the container's tmpfs by their device numbers, which are in the names of images. */
async function tmpfsMounts(archive: CheckpointArchive): Promise<ReadonlyMap<string, string>> {
  const image = archive.namesWithPrefix('checkpoint/mountpoints-')[0];
  if (image === undefined) return new Map();
  const mounts = await entriesOf(archive, image.slice('checkpoint/'.length), 'mnt_entry');
  return new Map(
    mounts
      .filter(({ fstype, root }) => fstype === TMPFS && root === '/')
      .map(({ root_dev = 0, mountpoint = '' }) => [String(root_dev), mountpoint] as const),
  );
}

/**
 * Reads all changes of a container's files.
 *
 * @param mounted absolute paths of the pod's mounts in the container. Files below them do not count as changes of the
 * container
 * @throws ArchiveError if a member cannot be read
 */
export async function fileChanges(archive: CheckpointArchive, mounted: ReadonlySet<string>): Promise<FileChanges> {
  const files = new Map<string, string>();
  const deleted = new Set<string>();
  const directories = new Set<string>();
  const budget = { left: MAX_BYTES };
  if (archive.member('rootfs-diff.tar')) {
    for (const { member, bytes, at } of await innerTar(archive, 'rootfs-diff.tar', '/', budget)) {
      const normalized = path.posix.join(at, '.');
      if (mounted.has(normalized)) continue;
      if (member.type === 'directory') directories.add(normalized);
      if (member.type !== 'file') continue;
      const name = path.posix.basename(at);
      if (name.startsWith(WHITEOUT)) deleted.add(path.posix.join(path.posix.dirname(at), name.slice(WHITEOUT.length)));
      else files.set(at, contentOf(member, bytes));
    }
  }
  if (archive.member('deleted.files')) {
    for (const name of listIn(await parsedJson(archive, 'deleted.files'))) {
      if (typeof name === 'string') deleted.add(path.posix.join('/', name));
    }
  }
  const mounts = await tmpfsMounts(archive);
  for (const image of archive.namesWithPrefix('checkpoint/tmpfs-dev-')) {
    const point = mounts.get(/^checkpoint\/tmpfs-dev-(\d+)\.tar\.gz\.img$/.exec(image)?.[1] ?? '');
    if (point === undefined) continue;
    for (const { member, bytes, at } of await innerTar(archive, image, point, budget)) {
      if (member.type === 'file' && !mounted.has(at)) files.set(at, contentOf(member, bytes));
    }
  }
  return { files, deleted, directories };
}

async function parsedJson(archive: CheckpointArchive, name: string): Promise<unknown> {
  try {
    return JSON.parse((await archive.bytes(name)).toString());
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError('broken-member', 'it is not JSON', name);
  }
}
