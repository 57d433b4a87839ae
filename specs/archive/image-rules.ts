// Rules about CRIU images: they are complete and consistent, as restore and tools require.
import { imageMagic, kindOfImage } from '../archive-file/criu-magic';
import { hasEnded, PAGEMAP, pageSizeOf, processTree, readPageMap } from '../archive-file/dump';
import type { Archive } from '../archive-file/reader';
import { readAt } from '../archive-file/source';
import { Unsupported } from '../subject/expect';
import type { ArchiveFlaw, ArchiveRule } from './archive-rule';

/** Maximum number of open files that are checked. */
const MAX_FILES = 1_000_000;
/** Images that every process has unless it has ended. */
const OWN = ['mm', 'pagemap', 'fs', 'ids'] as const;

function expectImage(archive: Archive, path: string): void {
  if (!archive.member(path)) throw new Unsupported(`the archive has no ${path}`, 'not-offered');
}

/** Yields each process of the tree once. */
async function* treeOf(archive: Archive) {
  expectImage(archive, 'checkpoint/pstree.img');
  const seen = new Set<number>();
  for await (const process of processTree(archive)) {
    if (seen.has(process.pid)) continue;
    seen.add(process.pid);
    yield process;
  }
}

const coreOf = (archive: Archive, pid: number) => archive.first(`checkpoint/core-${pid}.img`, 'core_entry');

async function* missingImages(archive: Archive): AsyncGenerator<ArchiveFlaw> {
  for await (const { pid, threads } of treeOf(archive)) {
    const registers = [...new Set([pid, ...threads])].map((id) => `core-${id}`);
    const own = hasEnded(await coreOf(archive, pid)) ? [] : OWN.map((kind) => `${kind}-${pid}`);
    for (const member of [...registers, ...own].map((image) => `checkpoint/${image}.img`))
      if (!archive.member(member)) yield { sentence: `process ${pid} has no ${member}`, member };
  }
}

async function* unlistedPages(archive: Archive): AsyncGenerator<ArchiveFlaw> {
  const pageBytes = await pageSizeOf(archive);
  const owners = new Map<string, string>();
  for (const pagemap of archive.paths) {
    const map = PAGEMAP.test(pagemap) ? await readPageMap(archive, pagemap, pageBytes) : undefined;
    if (!map) continue;
    const { pagesImage: member, regions } = map;
    const owner = owners.get(member);
    if (owner !== undefined) yield { sentence: `${owner} and ${pagemap} both list ${member}`, member };
    owners.set(member, pagemap);
    let listed = 0;
    for await (const { bytes, where } of regions) if (where === 'here') listed += bytes;
    const size = archive.member(member)?.size;
    if ((size ?? 0) === listed) continue;
    const has = size === undefined ? `${member} is not in the archive` : `${member} has ${size} bytes`;
    yield { sentence: `${has}, but ${pagemap} lists ${listed} bytes`, member };
  }
}

async function* danglingDescriptors(archive: Archive): AsyncGenerator<ArchiveFlaw> {
  expectImage(archive, 'checkpoint/files.img');
  const kinds = new Map<number, string>();
  for await (const { id = 0, type = 'UND' } of archive.messages('checkpoint/files.img', 'file_entry')) {
    kinds.set(id, type);
    if (kinds.size > MAX_FILES) throw new Unsupported('the archive has too many open files');
  }
  for await (const { pid } of treeOf(archive)) {
    const ids = await archive.first(`checkpoint/ids-${pid}.img`, 'task_kobj_ids_entry');
    if (!ids) continue;
    const member = `checkpoint/fdinfo-${ids.files_id ?? 0}.img`;
    for await (const { fd = 0, id = 0, type = 'UND' } of archive.messages(member, 'fdinfo_entry'))
      if (kinds.get(id) !== type)
        yield { sentence: `descriptor ${fd} of process ${pid} is ${type} ${id}, which is not in files.img`, member };
  }
}

async function* wrongMagic(archive: Archive): AsyncGenerator<ArchiveFlaw> {
  for (const member of archive.paths) {
    const words = imageMagic(member);
    const found = archive.member(member);
    if (!words || !found) continue;
    const begin = await readAt(archive.content(found), 0, 4 * words.length);
    if (begin.length < 4 * words.length || words.some((word, i) => begin.readUInt32LE(4 * i) !== word))
      yield { sentence: `${member} does not begin with the magic numbers of ${kindOfImage(member)}`, member };
  }
}

export const IMAGE_RULES = [
  {
    id: 'archive/images/inventory-is-there',
    label: 'inventory',
    needsImages: true,
    check(archive) {
      const member = 'checkpoint/inventory.img';
      return archive.member(member) ? [] : [{ sentence: `${member} is not in the archive`, member }];
    },
  },
  { id: 'archive/images/every-process-has-its-own', label: 'images', needsImages: true, check: missingImages },
  { id: 'archive/images/pages-are-as-listed', label: 'pages', needsImages: true, check: unlistedPages },
  {
    id: 'archive/images/descriptors-are-in-the-table',
    label: 'descriptors',
    needsImages: true,
    check: danglingDescriptors,
  },
  { id: 'archive/images/have-their-magic-numbers', label: 'magic', needsImages: true, check: wrongMagic },
] as const satisfies readonly ArchiveRule[];
