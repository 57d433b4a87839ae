// What CRIU's images say about processes and their memory.
import type { CriuMessage } from '../../proto/load';
import { Unsupported } from '../subject/expect';
import type { Archive } from './reader';
import { piecesOf } from './source';

const DEFAULT_PAGE = 4096;
/** Page sizes of all machines that CRIU runs on, in bytes. */
const PAGES = [4096, 16_384, 65_536];
/** The kind of an entry in the auxiliary vector of a process (`getauxval`). */
const AT_PAGESZ = 6;
/** CRIU's state of a task that has ended, and that its parent has not waited for yet. */
const DEAD = 2;

/** CRIU's flags of a pagemap entry. */
const PE_PARENT = 1;
const PE_PRESENT = 4;

export interface TreeProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Ids of all threads, the main one included. */
  readonly threads: readonly number[];
}

/** More processes than these are not read. */
const MAX_PROCESSES = 10_000;

/** Reads the process tree, at most 10,000 processes. Throws BrokenImage if it cannot be read. */
export async function* processTree(archive: Archive): AsyncGenerator<TreeProcess> {
  let count = 0;
  for await (const { pid = 0, ppid = 0, threads } of archive.messages('checkpoint/pstree.img', 'pstree_entry')) {
    count += 1;
    if (count > MAX_PROCESSES) return;
    yield { pid, parentPid: ppid, threads: threads ?? [pid] };
  }
}

/** Returns whether a process had ended when it was dumped. Such a process has only registers. */
export const hasEnded = (core: CriuMessage<'core_entry'> | undefined): boolean => core?.tc?.task_state === DEAD;

/** Returns the page size that the kernel told a process, in bytes; undefined if that was not dumped. */
function pageSizeIn(mm: CriuMessage<'mm_entry'> | undefined): number | undefined {
  const vector = mm?.mm_saved_auxv ?? [];
  const at = vector.findIndex((kind, i) => i % 2 === 0 && Number(kind) === AT_PAGESZ);
  return at < 0 ? undefined : PAGES.find((size) => size === Number(vector[at + 1]));
}

/**
 * Returns the size of a page on the machine where the checkpoint was made, in bytes.
 *
 * @throws BrokenImage if the image that shows it cannot be read
 */
export async function pageSizeOf(archive: Archive): Promise<number> {
  for (const path of archive.paths) {
    if (!/^checkpoint\/mm-\d+\.img$/.test(path)) continue;
    const size = pageSizeIn(await archive.first(path, 'mm_entry'));
    if (size !== undefined) return size;
  }
  return DEFAULT_PAGE;
}

/** Pages that follow each other. */
export interface PageRegion {
  readonly address: number;
  readonly bytes: number;
  /** `here`: in the pages image. `parent`: in an earlier checkpoint. `nowhere`: they were never written. */
  readonly where: 'here' | 'parent' | 'nowhere';
}

/** The memory that a pagemap lists. */
export interface PageMap {
  /** Path of the image with the pages. */
  readonly pagesImage: string;
  readonly regions: AsyncIterable<PageRegion>;
}

function whereIs({ flags, in_parent }: CriuMessage<'pagemap_entry'>): PageRegion['where'] {
  // Before CRIU 3.0 there were no flags.
  if (flags === undefined) return in_parent ? 'parent' : 'here';
  if ((flags & PE_PRESENT) !== 0) return 'here';
  return (flags & PE_PARENT) !== 0 ? 'parent' : 'nowhere';
}

/**
 * Reads a pagemap. Reading its regions throws BrokenImage if one of them cannot be read.
 *
 * @param path of the pagemap
 * @param pageBytes size of a page
 * @returns undefined if there is no such pagemap, or nothing in it
 * @throws BrokenImage if its head cannot be read
 */
export async function readPageMap(archive: Archive, path: string, pageBytes: number): Promise<PageMap | undefined> {
  const head = await archive.first(path, 'pagemap_head');
  if (!head) return undefined;
  async function* regions(): AsyncGenerator<PageRegion> {
    for await (const entry of archive.messages(path, 'pagemap_entry', 1)) {
      const pages = Number(entry.nr_pages ?? entry.compat_nr_pages ?? 0);
      yield { address: Number(entry.vaddr ?? 0), bytes: pages * pageBytes, where: whereIs(entry) };
    }
  }
  return { pagesImage: `checkpoint/pages-${head.pages_id ?? 0}.img`, regions: regions() };
}

/** Returns the path of the pagemap of a process. */
export const pagemapPath = (pid: number): string => `checkpoint/pagemap-${pid}.img`;

/** Reads the pages of a process, in pieces of at most a mebibyte; each is valid until the next one is asked for. */
export async function* dumpedMemory(archive: Archive, pid: number): AsyncGenerator<Buffer> {
  const map = await readPageMap(archive, pagemapPath(pid), await pageSizeOf(archive));
  const pages = map && archive.member(map.pagesImage);
  if (!pages) throw new Unsupported(`the archive has no pages of process ${pid}`, 'not-offered');
  yield* piecesOf(archive.content(pages));
}

/** Returns whether the dumped memory of a process contains the text. */
export async function dumpContains(archive: Archive, pid: number, text: string): Promise<boolean> {
  let before = Buffer.alloc(0);
  for await (const piece of dumpedMemory(archive, pid)) {
    // The text may be on both sides of the border between two pieces.
    const seen = Buffer.concat([before, piece]);
    if (seen.includes(text)) return true;
    before = seen.subarray(-text.length);
  }
  return false;
}

/** Returns how many bytes of memory were dumped, of all processes. */
export function pagesBytes(archive: Archive): number {
  const pages = archive.images(/^checkpoint\/pages-\d+\.img$/);
  if (pages.length === 0) throw new Unsupported('the archive has no checkpoint/pages-N.img', 'not-offered');
  return pages.reduce((sum, { size }) => sum + size, 0);
}

/** Returns the processes of the tree, parents first. */
export async function processesOf(archive: Archive): Promise<readonly TreeProcess[]> {
  if (!archive.member('checkpoint/pstree.img')) throw new Unsupported('the archive has no process tree', 'not-offered');
  const processes: TreeProcess[] = [];
  for await (const process of processTree(archive)) processes.push(process);
  return processes;
}
