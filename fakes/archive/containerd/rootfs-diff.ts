// Makes the difference between the root file system and its image, as one image layer. A file with the prefix `.wh.`
// marks a deleted file (OCI image specification).

import { Recent } from '../../base/recent';
import { unixSeconds } from '../../go/time';
import { type Bind, isFileTarget } from '../binds';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { isInRootFileSystem, rootChanges } from '../snapshot';
import { gzipped, type SmallMember, tarPieces } from '../tar/small-tar';
import { storedGzip } from '../tar/stored-gzip';
import { CONTAINERD } from './containerd-platform';

/**
 * Maximum size of a layer that is compressed, bytes. Larger layers are not compressed, because compression blocks the
 * event loop.
 */
const MAX_COMPRESSED = 256 * 1024;

const relative = (path: string) => path.replace(/^\/+/, '');

/** Returns the destinations of binds, which the runtime creates because the image does not have them. */
function targets(snapshot: ContainerSnapshot, mounted: readonly Bind[], mtime: number): SmallMember[] {
  return mounted
    .map(({ destination }) => destination.replace(/\/+$/, ''))
    .filter(isInRootFileSystem)
    .map((path) =>
      isFileTarget(snapshot, path)
        ? { name: relative(path), type: 'file', mode: 0o644, mtime }
        : { name: `${relative(path)}/`, type: 'directory', mode: 0o755, mtime },
    );
}

function changed(snapshot: ContainerSnapshot, mtime: number): SmallMember[] {
  return rootChanges(snapshot).map(({ path, content }) => {
    const name = relative(path);
    if (content) return { name, type: 'file', mode: 0o644, mtime, content };
    const slash = name.lastIndexOf('/') + 1;
    return { name: `${name.slice(0, slash)}.wh.${name.slice(slash)}`, type: 'file', mode: 0, mtime };
  });
}

function createdDirectories({ madeDirectories = [] }: ContainerSnapshot, mtime: number): SmallMember[] {
  return madeDirectories
    .filter(isInRootFileSystem)
    .map((path) => ({ name: `${relative(path)}/`, type: 'directory', mode: 0o755, mtime }));
}

/** Adds the parent directories of each member, and sorts all members in the order of a walk through the directories. */
function withDirectories(members: readonly SmallMember[], mtime: number): SmallMember[] {
  const all = new Map<string, SmallMember>();
  for (const member of members) {
    const parts = member.name.replace(/\/$/, '').split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const name = `${parts.slice(0, depth).join('/')}/`;
      if (!all.has(name)) all.set(name, { name, type: 'directory', mode: 0o755, mtime });
    }
    all.set(member.name, member);
  }
  // A slash must sort before every other character, so that the content of a directory follows it immediately.
  const key = (name: string) => name.replaceAll('/', '\0');
  return [...all.values()].sort((a, b) => (key(a.name) < key(b.name) ? -1 : 1));
}

type Layer = Required<Pick<ArchiveEntry, 'size' | 'content'>>;

/**
 * A cache of layers, because containers that were created in the same second and changed very little have equal layers.
 */
const recent = new Recent<Layer>(64);
/** Maximum size of the changed files in a cached layer, bytes. */
const MAX_CACHED = 4096;

function keyOf(members: readonly SmallMember[]): string | undefined {
  const size = members.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  if (size > MAX_CACHED) return undefined;
  return members
    .map(({ name, mode, mtime, content }) => [name, mode, mtime, content?.toString('latin1') ?? ''].join('\0'))
    .join('\0\0');
}

/**
 * Makes containerd's `rootfs-diff.tar`, which is gzipped in spite of its name.
 *
 * @returns the size in bytes and the content
 */
export function rootfsDiff(snapshot: ContainerSnapshot): Layer {
  const created = unixSeconds(snapshot.createdAt);
  const started = unixSeconds(snapshot.startedAt);
  const members = [
    ...targets(snapshot, CONTAINERD.binds(snapshot), created),
    ...createdDirectories(snapshot, started),
    ...changed(snapshot, started),
  ];
  const make = () => layer(withDirectories(members, created));
  const key = keyOf(members);
  return key === undefined ? make() : recent.get(key, make);
}

function layer(members: readonly SmallMember[]): Layer {
  const pieces = tarPieces(members);
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (size > MAX_COMPRESSED) return storedGzip(pieces);
  const content = gzipped(Buffer.concat(pieces));
  return { size: content.length, content };
}
