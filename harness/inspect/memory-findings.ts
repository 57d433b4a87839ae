// Finds images that belong to no process, and memory that is not in the archive.
import path from 'node:path';
import { PAGEMAP, processTree, readPageMap } from '../../specs/archive-file/dump';
import type { Contents } from './contents';
import { pagesImages } from './pages';

/**
 * Matches images of one process. The number in the name is a thread id for `core` images, and a process id for all
 * other images.
 */
const OF_PROCESS = /^checkpoint\/(core|mm|pagemap|ids|fs)-(\d+)\.img$/;
const TREE = 'checkpoint/pstree.img';
/** Maximum number of image names in one finding. */
const MAX_NAMES = 10;

const listed = (names: readonly string[]) =>
  names.length <= MAX_NAMES
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMES).join(', ')} and ${names.length - MAX_NAMES} more`;

/** Finds images of processes that are not in the process tree. Such images are left over from another checkpoint. */
async function findStrangers(contents: Contents): Promise<void> {
  const { archive, findings } = contents;
  if (!contents.member(TREE)) return;
  const known = new Set<number>();
  for await (const { pid, threads } of contents.upToBroken(processTree(archive)))
    for (const id of [pid, ...threads]) known.add(id);
  const strangers = new Map<string, string[]>();
  for (const name of archive.paths) {
    const [, , pid = ''] = OF_PROCESS.exec(name) ?? [];
    if (pid === '' || known.has(Number(pid))) continue;
    strangers.set(pid, [...(strangers.get(pid) ?? []), path.posix.basename(name)]);
  }
  for (const [pid, names] of strangers)
    findings.add(
      'inspect/left-over-image',
      `process ${pid} is not in pstree.img, but the archive has images of it, left from another checkpoint: ${listed(names)}`,
      `checkpoint/${names[0]}`,
    );
}

/** Returns whether the archive contains the checkpoint to which `checkpoint/parent` links. */
function hasParent({ archive }: Contents): boolean {
  const link = archive.member('checkpoint/parent');
  if (!link) return false;
  const directory = `${path.posix.normalize(path.posix.join('checkpoint', link.linkTarget))}/`;
  return archive.members.some(({ path: name }) => name.startsWith(directory) && name.endsWith('.img'));
}

/** Reads all pagemaps. Finds pages that no pagemap lists, and listed pages that are not in the archive. */
async function findMissingMemory(contents: Contents, pageBytes: number): Promise<void> {
  const { archive, findings } = contents;
  const named = new Set<string>();
  const pages = { here: 0, parent: 0, nowhere: 0 };
  for (const name of archive.paths) {
    const map = PAGEMAP.test(name) ? await contents.attempt(() => readPageMap(archive, name, pageBytes)) : undefined;
    if (!map) continue;
    named.add(map.pagesImage);
    for await (const { bytes, where } of contents.upToBroken(map.regions)) pages[where] += bytes / pageBytes;
  }
  for (const { path: name } of archive.hasImages ? pagesImages(archive) : [])
    if (!named.has(name)) findings.add('inspect/left-over-image', `no pagemap lists the pages in ${name}`, name);
  if (pages.parent > 0 && !hasParent(contents))
    findings.add(
      'inspect/incomplete-memory',
      `${pages.parent} pages are in a parent checkpoint, which is not in this archive: it cannot be restored alone`,
    );
  if (pages.nowhere > 0)
    findings.add(
      'inspect/incomplete-memory',
      `${pages.nowhere} pages were never written, because they were left for a later transfer: this archive cannot be restored alone`,
    );
}

/** Adds all findings about memory. */
export async function checkMemory(contents: Contents, pageBytes: number): Promise<void> {
  await findStrangers(contents);
  await findMissingMemory(contents, pageBytes);
}
