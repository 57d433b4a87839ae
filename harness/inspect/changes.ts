// Reads the names of files that differ from the image, from the tar of changes and the list of deletions. It does not
// unpack files.
import type { Contents } from './contents';
import { printable } from './findings';
import type { InnerTars } from './inner-tars';
import type { Inspection } from './inspection';
import { MAX_ITEMS } from './metadata';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/**
 * Lists the files that were changed or deleted. Reads every compressed member to its end, to detect decompression
 * bombs.
 */
export async function readChanges(contents: Contents, tars: InnerTars): Promise<Inspection['changes']> {
  const changed: string[] = [];
  const deleted: string[] = [];
  const push = (names: string[], name: string) => void (names.length < MAX_ITEMS && names.push(printable(name)));
  const diff = contents.member('rootfs-diff.tar');
  if (diff)
    await tars.list(contents.archive, diff, (name) => {
      const slash = name.lastIndexOf('/') + 1;
      if (name.endsWith(OPAQUE)) push(deleted, `/${name.slice(0, slash)}*`);
      else if (name.startsWith(WHITEOUT, slash))
        push(deleted, `/${name.slice(0, slash)}${name.slice(slash + WHITEOUT.length)}`);
      else if (!name.endsWith('/')) push(changed, name.startsWith('/') ? name : `/${name}`);
    });
  const list = await contents.json('deleted.files');
  if (Array.isArray(list)) for (const name of list) if (typeof name === 'string') push(deleted, name);
  for (const member of contents.archive.members)
    if (/^checkpoint\/tmpfs-.*\.tar\.gz\.img$/.test(member.path)) await tars.list(contents.archive, member, () => {});
  return { changed, deleted };
}
