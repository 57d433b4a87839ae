// Reads the processes of a checkpoint from CRIU's images: tree, names, threads, memory, variables and open files.
import { DEFAULT_PAGE, pageSizeOf, processTree, type TreeProcess } from '../../specs/archive-file/dump';
import type { Contents } from './contents';
import { printable } from './findings';
import type { InspectedFile, InspectedProcess } from './inspection';
import { MemoryAreas } from './memory-areas';
import { checkMemory } from './memory-findings';
import { known, MAX_ITEMS, variableNames } from './metadata';
import { type NamedFile, readOpenFiles } from './open-files';
import { type EarlyPages, environmentRange, type PageCount, type ProcessMemory, readPagemap, readPages } from './pages';

/** Maximum number of threads, variables and open files that are listed for all processes together. */
const MAX_DETAILS = 100_000;

async function openFiles(
  contents: Contents,
  pid: number,
  files: ReadonlyMap<number, NamedFile>,
  most: number,
): Promise<InspectedFile[]> {
  if (most <= 0) return [];
  const ids = await contents.first(`checkpoint/ids-${pid}.img`, 'task_kobj_ids_entry');
  const open: InspectedFile[] = [];
  for await (const { fd = 0, id = 0, type } of contents.messages(
    `checkpoint/fdinfo-${ids?.files_id ?? pid}.img`,
    'fdinfo_entry',
  )) {
    if (open.length >= Math.min(MAX_ITEMS, most)) break;
    const entry = files.get(id);
    open.push({ fd, ...(entry ?? { type: type ?? 'UND', name: `file ${id}` }) });
  }
  return open;
}

/**
 * Yields the variables in a range of memory. Each ends with a NUL. The first byte must be the NUL that ends the
 * arguments. Otherwise the range begins within a value, and no variable is yielded.
 */
export function* variablesIn(range: Buffer): Generator<string> {
  if (range[0] !== 0) return;
  for (let at = 1, end = range.indexOf(0, at); end >= 0; at = end + 1, end = range.indexOf(0, at))
    yield range.toString('latin1', at, end);
}

/**
 * Reads the core, memory map and open files of a process.
 *
 * @param left number of details that may still be listed
 */
async function readProcess(
  contents: Contents,
  { threads, ...ids }: TreeProcess,
  pageBytes: number,
  files: ReadonlyMap<number, NamedFile>,
  left: number,
) {
  const { pid } = ids;
  const core = await contents.first(`checkpoint/core-${pid}.img`, 'core_entry');
  const mm = await contents.first(`checkpoint/mm-${pid}.img`, 'mm_entry');
  const areas = new MemoryAreas(mm);
  const memory = await readPagemap(contents, pid, pageBytes, environmentRange(mm), areas);
  const fs = await contents.first(`checkpoint/fs-${pid}.img`, 'fs_entry');
  const path = (id: number | undefined) => (id === undefined ? undefined : files.get(id)?.name);
  const paths = {
    executable: path(mm?.exe_file_id),
    workingDirectory: path(fs?.cwd_id),
    rootDirectory: path(fs?.root_id),
  };
  const process: InspectedProcess = {
    ...ids,
    ...known(paths),
    name: printable(core?.tc?.comm ?? ''),
    threads: threads.slice(0, Math.min(MAX_ITEMS, Math.max(1, left))),
    memoryBytes: memory?.bytes ?? 0,
    memoryAreas: areas.list().slice(0, Math.max(0, left)),
    environmentNames: [],
    openFiles: await openFiles(contents, pid, files, left),
  };
  return { process, memory };
}

/**
 * Returns the parts of images that contain variables. An image that two processes list is excluded, because it is
 * unclear whose variables it contains.
 */
function environments(memories: readonly (ProcessMemory | undefined)[]): ReadonlyMap<string, ProcessMemory['parts']> {
  const wanted = new Map<string, ProcessMemory['parts']>();
  for (const memory of memories)
    if (memory) wanted.set(memory.pagesImage, wanted.has(memory.pagesImage) ? [] : memory.parts);
  return wanted;
}

/**
 * Reads all processes and all pages.
 *
 * @param early images that were read during the walk
 * @returns the processes, and the number of pages
 */
export async function readProcesses(
  contents: Contents,
  early?: EarlyPages,
): Promise<{ readonly processes: readonly InspectedProcess[]; readonly count: PageCount }> {
  for (const image of ['inventory', 'pstree']) contents.expectMessage(`checkpoint/${image}.img`);
  const pageBytes = (await contents.attempt(() => pageSizeOf(contents.archive))) ?? DEFAULT_PAGE;
  await checkMemory(contents, pageBytes);
  const files = await readOpenFiles(contents);
  const read: Awaited<ReturnType<typeof readProcess>>[] = [];
  const seen = new Set<number>();
  let left = MAX_DETAILS;
  for await (const one of contents.upToBroken(processTree(contents.archive))) {
    if (seen.has(one.pid)) {
      const sentence = `checkpoint/pstree.img lists process ${one.pid} twice`;
      contents.findings.add('inspect/repeated-process', sentence, 'checkpoint/pstree.img');
      continue;
    }
    seen.add(one.pid);
    const { process, memory } = await readProcess(contents, one, pageBytes, files, left);
    left -= process.threads.length + process.openFiles.length + process.memoryAreas.length;
    read.push({ process, memory });
  }
  const names = new Map<string, readonly string[]>();
  const keepNames = (image: string, bytes: Buffer) => {
    const variables = variableNames(variablesIn(bytes)).slice(0, Math.max(0, left));
    left -= variables.length;
    names.set(image, variables);
  };
  const wanted = environments(read.map(({ memory }) => memory));
  const count = await readPages(contents, pageBytes, wanted, keepNames, early);
  const processes = read.map(({ process, memory }) => ({
    ...process,
    environmentNames: names.get(memory?.pagesImage ?? '') ?? [],
  }));
  return { processes, count };
}
