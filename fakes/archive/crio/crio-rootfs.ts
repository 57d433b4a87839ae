// Makes the difference between the root file system and its image in CRI-O's form: an uncompressed tar of added and
// changed files, and a list of deleted files.

import { goJsonIndented } from '../../go/json';
import { unixSeconds } from '../../go/time';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { isInRootFileSystem, rootChanges } from '../snapshot';
import { type SmallMember, tarPieces } from '../tar/small-tar';

/** Directories that exist in an image such as busybox. All other parent directories of a new file are also new. */
const OF_THE_IMAGE = new Set(
  'bin dev etc home lib lib64 proc root sys tmp usr usr/bin usr/sbin var var/spool var/spool/mail var/www'.split(' '),
);

const relative = (path: string) => path.replace(/^\/+/, '');

/** Returns the new parent directories of a path, the outermost first. */
function newDirectories(name: string, mtime: number): SmallMember[] {
  const parts = name.split('/').slice(0, -1);
  return parts
    .map((_, depth) => parts.slice(0, depth + 1).join('/'))
    .filter((directory) => !OF_THE_IMAGE.has(directory))
    .map((directory) => ({ name: `${directory}/`, type: 'directory', mode: 0o755, mtime }));
}

/**
 * Makes CRI-O's `rootfs-diff.tar`. It always contains `/etc/mtab`, which the runtime creates.
 *
 * @returns the size in bytes and the content
 */
export function crioRootfsDiff(snapshot: ContainerSnapshot): Required<Pick<ArchiveEntry, 'size' | 'content'>> {
  const created = unixSeconds(snapshot.createdAt);
  const mtime = unixSeconds(snapshot.startedAt);
  const members = new Map<string, SmallMember>();
  const add = (member: SmallMember) => void members.set(member.name, member);
  add({ name: 'etc/mtab', type: 'link', mode: 0o777, mtime: created, linkTarget: '/proc/mounts' });
  for (const path of (snapshot.madeDirectories ?? []).filter(isInRootFileSystem)) {
    newDirectories(`${relative(path)}/`, mtime).forEach(add);
  }
  for (const { path, content } of rootChanges(snapshot)) {
    if (!content) continue;
    const name = relative(path);
    newDirectories(name, mtime).forEach(add);
    add({ name, type: 'file', mode: 0o644, mtime, content });
  }
  const pieces = tarPieces([...members.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
  return { size: pieces.reduce((sum, piece) => sum + piece.length, 0), content: () => pieces };
}

/** Returns `deleted.files`; undefined if no file was deleted. */
export function deletedFiles(snapshot: ContainerSnapshot): string | undefined {
  const deleted = rootChanges(snapshot)
    .filter(({ content }) => content === undefined)
    .map(({ path }) => path);
  return deleted.length === 0 ? undefined : goJsonIndented(deleted.sort());
}
