// What differs between the root file system and its image: one image layer, deletions as `.wh.` files (OCI image spec).

import { Recent } from '../../base/recent';
import { unixSeconds } from '../../go/time';
import { type Bind, isFileTarget } from '../binds';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { isOfTheRoot, rootChanges } from '../snapshot';
import { gzipped, type SmallMember, tarPieces } from '../tar/small-tar';
import { storedGzip } from '../tar/stored-gzip';
import { CONTAINERD } from './containerd-platform';

/** Larger layers are stored rather than compressed, so that nothing waits for them. */
const COMPRESSED_UP_TO = 256 * 1024;

const relative = (path: string) => path.replace(/^\/+/, '');

/** The runtime makes the targets of its binds where the image has none. */
function targets(snapshot: ContainerSnapshot, mounted: readonly Bind[], mtime: number): SmallMember[] {
  return mounted
    .map(({ destination }) => destination.replace(/\/+$/, ''))
    .filter(isOfTheRoot)
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

function made({ madeDirectories = [] }: ContainerSnapshot, mtime: number): SmallMember[] {
  return madeDirectories
    .filter(isOfTheRoot)
    .map((path) => ({ name: `${relative(path)}/`, type: 'directory', mode: 0o755, mtime }));
}

/** Members by name with every folder above them, sorted as a walk through folders meets them. */
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
  // A folder comes before what is in it, and its slash sorts before all that a name may go on with.
  const key = (name: string) => name.replaceAll('/', '\0');
  return [...all.values()].sort((a, b) => (key(a.name) < key(b.name) ? -1 : 1));
}

type Layer = Required<Pick<ArchiveEntry, 'size' | 'content'>>;

/** Layers of containers that were made in the same second, and of which each changed next to nothing, are alike. */
const recent = new Recent<Layer>(64);
const NEXT_TO_NOTHING = 4096;

function keyOf(members: readonly SmallMember[]): string | undefined {
  const size = members.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  if (size > NEXT_TO_NOTHING) return undefined;
  return members
    .map(({ name, mode, mtime, content }) => [name, mode, mtime, content?.toString('latin1') ?? ''].join('\0'))
    .join('\0\0');
}

/** Size and content of `rootfs-diff.tar`, which is gzipped in spite of its name. */
export function rootfsDiff(snapshot: ContainerSnapshot): Layer {
  const created = unixSeconds(snapshot.createdAt);
  const started = unixSeconds(snapshot.startedAt);
  const members = [
    ...targets(snapshot, CONTAINERD.binds(snapshot), created),
    ...made(snapshot, started),
    ...changed(snapshot, started),
  ];
  const make = () => layer(withDirectories(members, created));
  const key = keyOf(members);
  return key === undefined ? make() : recent.get(key, make);
}

function layer(members: readonly SmallMember[]): Layer {
  const pieces = tarPieces(members);
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (size > COMPRESSED_UP_TO) return storedGzip(pieces);
  const content = gzipped(Buffer.concat(pieces));
  return { size: content.length, content };
}
