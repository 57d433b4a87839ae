// Makes the images of a process's memory: mm, pagemap and pages. The contents of pages are generated when they are
// read.

import { Random, seedOf } from '../../base/random';
import type { ArchiveEntry } from '../job';
import { type AddressSpace, EXECUTABLE_BOUNDS, PAGE, type PageRun } from './address-space';
import { image, pagemapImage } from './criu-image';
import { EXECUTABLE_ID } from './files';

/**
 * Number of pages that are generated at once. A larger number would block the event loop for longer, and a smaller one
 * would slow down writing.
 */
const CHUNK_PAGES = 256;
const WORDS_PER_PAGE = PAGE / 4;

/** CRIU's flag of pages that are in the pages image. */
const PRESENT = 4;
/** CRIU's flag of pages that may be loaded after the restore. */
const LAZY = 2;

let block: { readonly seed: number; readonly bytes: Buffer } | undefined;

/** Returns a chunk of random bytes for a seed. The latest chunk is kept. */
function noise(seed: number): Buffer {
  if (block?.seed !== seed) {
    const words = new Uint32Array(CHUNK_PAGES * WORDS_PER_PAGE);
    const random = new Random(seedOf('noise', seed));
    for (let i = 0; i < words.length; i++) words[i] = random.next();
    block = { seed, bytes: Buffer.from(words.buffer) };
  }
  return block.bytes;
}

/** Generates pages of random bytes. Each starts with its address and its owner, so that no two pages are equal. */
function randomPages(address: number, pages: number, seed: number, owner: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(pages * PAGE);
  noise(seed).copy(bytes, 0, 0, bytes.length);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, pages * WORDS_PER_PAGE);
  for (let page = 0; page < pages; page++) {
    const at = address + page * PAGE;
    words[page * WORDS_PER_PAGE] = at % 2 ** 32;
    words[page * WORDS_PER_PAGE + 1] = at / 2 ** 32;
    words[page * WORDS_PER_PAGE + 2] = owner;
  }
  return bytes;
}

function* contents(runs: readonly PageRun[], seed: number, owner: number): Generator<Buffer> {
  for (const run of runs) {
    if (run.bytes) yield run.bytes;
    for (let page = 0; !run.bytes && page < run.pages; page += CHUNK_PAGES)
      yield randomPages(run.start + page * PAGE, Math.min(CHUNK_PAGES, run.pages - page), seed, owner);
  }
}

/** Returns how many pages of a process are in its checkpoint. */
export function pageCount(space: AddressSpace): number {
  return space.runs.reduce((sum, run) => sum + run.pages, 0);
}

/**
 * Makes a `pages-N.img`.
 * @param seed seed of the random contents
 * @param owner identifies the process, so that no two processes have equal pages
 * @returns the size in bytes and the content. Each reading of the content makes new buffers
 */
export function pagesContent(
  space: AddressSpace,
  seed: number,
  owner: number,
): Required<Pick<ArchiveEntry, 'size' | 'content'>> {
  return { size: pageCount(space) * PAGE, content: () => contents(space.runs, seed, owner) };
}

/** Joins adjacent runs of pages, because CRIU writes one entry for them. */
function joined(runs: readonly PageRun[]): PageRun[] {
  const result: PageRun[] = [];
  for (const { start, pages, lazy } of runs) {
    const last = result.at(-1);
    if (last && last.start + last.pages * PAGE === start && last.lazy === lazy)
      result.splice(-1, 1, { ...last, pages: last.pages + pages });
    else result.push({ start, pages, lazy });
  }
  return result;
}

/**
 * Makes the `pagemap-N.img` of a process, which contains the addresses of its pages.
 *
 * @param pagesId the number in the name of the `pages-N.img` with the pages
 */
export function pagemap(space: AddressSpace, pagesId: number): Buffer {
  return pagemapImage(
    pagesId,
    joined(space.runs).map(({ start, pages, lazy }) => ({
      vaddr: start,
      // Set this old field of 32 bits, because checkpointctl 1.3 finds no memory without it. CRIU 4.2 writes 0.
      compat_nr_pages: Math.min(pages, 2 ** 32 - 1),
      flags: lazy ? PRESENT | LAZY : PRESENT,
      nr_pages: pages,
    })),
  );
}

/** Makes the `mm-N.img` of a process: its mappings, and the addresses of code, heap, arguments and environment. */
export function mm(space: AddressSpace): Buffer {
  const { stack } = space;
  return image('mm', [
    {
      mm_start_code: EXECUTABLE_BOUNDS.start,
      mm_end_code: EXECUTABLE_BOUNDS.end,
      mm_start_data: EXECUTABLE_BOUNDS.dataStart,
      mm_end_data: EXECUTABLE_BOUNDS.dataEnd,
      mm_start_stack: stack.start,
      mm_start_brk: space.heapStart,
      mm_brk: space.heapEnd,
      mm_arg_start: stack.argumentsStart,
      mm_arg_end: stack.argumentsEnd,
      mm_env_start: stack.environmentStart,
      mm_env_end: stack.environmentEnd,
      exe_file_id: EXECUTABLE_ID,
      mm_saved_auxv: [...stack.auxiliary],
      vmas: [...space.mappings],
      dumpable: 1,
      thp_disabled: false,
    },
  ]);
}
