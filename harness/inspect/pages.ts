// The memory of a process: which addresses its pagemap lists, whether the pages are there, and where a range of them is.
import type { Contents } from './contents';
import { isZero } from './tar-scan';

const PAGE = 4096;
/** CRIU's flag of a pagemap entry whose pages lie in the pages image. */
const PRESENT = 4;
const PIECE = 1024 * 1024;

/** Addresses from one up to another. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Mapped {
  readonly pagesImage: string;
  /** Bytes of pages that the pagemap says are there. */
  readonly bytes: number;
  /** The bytes of the range asked for, up to the first that is not there; none where nobody knows which page is which. */
  readonly range: Buffer;
}

/** Reads the pagemap of a process; undefined where it has none. Findings name what does not fit. */
export async function readPagemap(
  contents: Contents,
  pid: number,
  range: Range | undefined,
): Promise<Mapped | undefined> {
  const name = `checkpoint/pagemap-${pid}.img`;
  const head = await contents.first(name, 'pagemap_head');
  if (!head) return undefined;
  const pagesImage = `checkpoint/pages-${head.pages_id ?? 0}.img`;
  const pages = contents.entry(pagesImage);
  const parts: Buffer[] = [];
  let bytes = 0;
  let found = 0;
  let last = 0;
  for await (const { vaddr, nr_pages, compat_nr_pages, flags, in_parent } of contents.messages(
    name,
    'pagemap_entry',
    1,
  )) {
    const start = Number(vaddr ?? 0);
    const length = Number(nr_pages ?? compat_nr_pages ?? 0) * PAGE;
    if (start < last) contents.findings.add('pages/overlap', `address 0x${start.toString(16)} comes twice`, name);
    last = Math.max(last, start + length);
    const isThere = flags === undefined ? !in_parent : (flags & PRESENT) !== 0;
    if (!isThere) continue;
    // Only what follows on what was found: behind a hole, or where an address comes twice, a text begins anywhere.
    if (pages && range && start <= range.start + found) {
      const at = bytes + range.start + found - start;
      const most = Math.min(start + length, range.end) - range.start - found;
      const part = await contents.file.bytes(pages.offset + at, Math.min(most, pages.present - at));
      parts.push(part);
      found += part.length;
    }
    bytes += length;
  }
  if (!pages) contents.findings.add('entry/missing', 'the pages of a pagemap are not in the archive', pagesImage);
  else if (pages.size !== bytes)
    contents.findings.add('pages/size', `it has ${pages.size} bytes, and its pagemap lists ${bytes}`, pagesImage);
  return { pagesImage, bytes, range: pages?.size === bytes ? Buffer.concat(parts) : Buffer.alloc(0) };
}

/** Reads all pages of an archive; returns how many there are, and how many of them are blank. */
export async function readPages(contents: Contents): Promise<{ pages: number; blank: number }> {
  let all = 0;
  let blank = 0;
  for (const { name, offset, size, present } of contents.entries) {
    if (!/^checkpoint\/pages-\d+\.img$/.test(name)) continue;
    if (size % PAGE !== 0) contents.findings.add('pages/size', `${size} bytes are no whole pages`, name);
    let blankHere = 0;
    for await (const piece of contents.file.pieces(offset, present, PIECE))
      for (let at = 0; at < piece.length; at += PAGE) if (isZero(piece.subarray(at, at + PAGE))) blankHere += 1;
    const pages = Math.ceil(present / PAGE);
    if (pages > 0 && blankHere === pages) contents.findings.add('pages/blank', `all ${pages} pages are zeros`, name);
    all += pages;
    blank += blankHere;
  }
  return { pages: all, blank };
}
