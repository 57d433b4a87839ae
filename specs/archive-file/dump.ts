// Reads processes and their memory from CRIU's images.
import type { CriuMessage } from '../../proto/load';
import { Unsupported } from '../subject/expect';
import type { Archive } from './reader';
import { piecesOf } from './source';

/** Assumed page size if an archive does not contain the page size, bytes. */
export const DEFAULT_PAGE = 4096;
/** Page sizes of all architectures that CRIU supports, bytes. */
const PAGES = [4096, 16_384, 65_536];
/** Key of the page size in the auxiliary vector of a process (see getauxval). */
const AT_PAGESZ = 6;
/** CRIU's state of a process that has ended but was not reaped by its parent. */
const DEAD = 2;

/** Flags of a pagemap entry in CRIU. */
const PE_PARENT = 1;
const PE_PRESENT = 4;

export interface TreeProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly processGroup: number;
  readonly session: number;
  /** Thread ids, including the id of the main thread. */
  readonly threads: readonly number[];
}

/** Maximum number of processes that are read from an archive. */
const MAX_PROCESSES = 10_000;

/** Yields the processes of the tree, at most 10,000. Throws BrokenImage if the process tree cannot be read. */
export async function* processTree(archive: Archive): AsyncGenerator<TreeProcess> {
  let count = 0;
  for await (const { pid = 0, ppid = 0, pgid = 0, sid = 0, threads } of archive.messages(
    'checkpoint/pstree.img',
    'pstree_entry',
  )) {
    count += 1;
    if (count > MAX_PROCESSES) return;
    yield { pid, parentPid: ppid, processGroup: pgid, session: sid, threads: threads ?? [pid] };
  }
}

/** Returns whether a process had ended when it was dumped. Such a process has registers but no memory. */
export const hasEnded = (core: CriuMessage<'core_entry'> | undefined): boolean => core?.tc?.task_state === DEAD;

/** Returns the page size in the auxiliary vector of a process, bytes; undefined if the vector was not dumped. */
function pageSizeIn(mm: CriuMessage<'mm_entry'> | undefined): number | undefined {
  const vector = mm?.mm_saved_auxv ?? [];
  const at = vector.findIndex((kind, i) => i % 2 === 0 && Number(kind) === AT_PAGESZ);
  return at < 0 ? undefined : PAGES.find((size) => size === Number(vector[at + 1]));
}

/**
 * Returns the page size of the machine on which the checkpoint was made, bytes.
 *
 * @throws BrokenImage if the image with the page size cannot be read
 */
export async function pageSizeOf(archive: Archive): Promise<number> {
  for (const path of archive.paths) {
    if (!/^checkpoint\/mm-\d+\.img$/.test(path)) continue;
    const size = pageSizeIn(await archive.first(path, 'mm_entry'));
    if (size !== undefined) return size;
  }
  return DEFAULT_PAGE;
}

/** Consecutive pages of a process's memory. */
export interface PageRegion {
  readonly address: number;
  readonly bytes: number;
  /** `here`: in the pages image. `parent`: in an earlier checkpoint. `nowhere`: never written by the process. */
  readonly where: 'here' | 'parent' | 'nowhere';
}

/** The memory regions in a pagemap. */
export interface PageMap {
  /** Path of the image that contains the pages. */
  readonly pagesImage: string;
  readonly regions: AsyncIterable<PageRegion>;
}

function whereIs({ flags, in_parent }: CriuMessage<'pagemap_entry'>): PageRegion['where'] {
  // CRIU before 3.0 wrote no flags, only `in_parent`.
  if (flags === undefined) return in_parent ? 'parent' : 'here';
  if ((flags & PE_PRESENT) !== 0) return 'here';
  return (flags & PE_PARENT) !== 0 ? 'parent' : 'nowhere';
}

/**
 * Reads a pagemap.
 *
 * @param path path of the pagemap in the archive
 * @param pageBytes size of a page, bytes
 * @returns undefined if the pagemap is missing or empty
 * @throws BrokenImage if the first message cannot be read. Iterating over the regions throws a BrokenImage if a region
 * cannot be read
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

/** Matches the paths of pagemaps, of processes and of shared memory. */
export const PAGEMAP = /^checkpoint\/pagemap-(shmem-)?\d+\.img$/;

/** Returns the path of a process's pagemap in the archive. */
export const pagemapPath = (pid: number): string => `checkpoint/pagemap-${pid}.img`;

/**
 * Yields the memory of a process in pieces of at most one mebibyte. Each piece is valid until the next piece is read.
 * Throws Unsupported if the archive does not contain this memory.
 */
export async function* dumpedMemory(archive: Archive, pid: number): AsyncGenerator<Buffer> {
  const map = await readPageMap(archive, pagemapPath(pid), await pageSizeOf(archive));
  const pages = map && archive.member(map.pagesImage);
  if (!pages) throw new Unsupported(`the archive has no pages of process ${pid}`, 'not-offered');
  yield* piecesOf(archive.content(pages));
}

/** Returns whether the dumped memory of a process contains a text. */
export async function dumpContains(archive: Archive, pid: number, text: string): Promise<boolean> {
  let before = Buffer.alloc(0);
  for await (const piece of dumpedMemory(archive, pid)) {
    // The text may cross the boundary between two pieces.
    const seen = Buffer.concat([before, piece]);
    if (seen.includes(text)) return true;
    before = seen.subarray(-text.length);
  }
  return false;
}

/**
 * Returns the size of the dumped memory of all processes, bytes. Throws Unsupported if the archive contains no memory.
 */
export function pagesBytes(archive: Archive): number {
  const pages = archive.images(/^checkpoint\/pages-\d+\.img$/);
  if (pages.length === 0) throw new Unsupported('the archive has no checkpoint/pages-N.img', 'not-offered');
  return pages.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Returns the processes of the tree, parents before children. Throws Unsupported if the archive has no process tree.
 */
export async function processesOf(archive: Archive): Promise<readonly TreeProcess[]> {
  if (!archive.member('checkpoint/pstree.img')) throw new Unsupported('the archive has no process tree', 'not-offered');
  const processes: TreeProcess[] = [];
  for await (const process of processTree(archive)) processes.push(process);
  return processes;
}
