// The memory in an archive: which addresses pagemaps list, where a range of them is, and which pages are blank.
import { pagemapPath, readPageMap } from '../../specs/archive-file/dump';
import { piecesOf } from '../../specs/archive-file/source';
import { isZero, type TarMember } from '../../specs/archive-file/tar-walk';
import type { Contents } from './contents';

/** Addresses from one up to another. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ProcessMemory {
  readonly pagesImage: string;
  /** Bytes of pages in the archive. */
  readonly bytes: number;
  /** Where the range is in the image, up to its first page that is missing: parts that follow each other. */
  readonly parts: readonly Part[];
}

interface Part {
  readonly at: number;
  readonly length: number;
}

/**
 * Reads the pagemap of a process; undefined if it has none.
 *
 * @param range addresses whose place in the image is wanted
 */
export async function readPagemap(
  contents: Contents,
  pid: number,
  pageBytes: number,
  range: Range | undefined,
): Promise<ProcessMemory | undefined> {
  const path = pagemapPath(pid);
  const map = await contents.attempt(() => readPageMap(contents.archive, path, pageBytes));
  contents.expectMessage(path);
  if (!map) return undefined;
  const parts: Part[] = [];
  let bytes = 0;
  let found = 0;
  let last = 0;
  for await (const { address, bytes: length, where } of contents.upToBroken(map.regions)) {
    if (address < last)
      contents.findings.add('inspect/repeated-address', `${path} lists address 0x${address.toString(16)} twice`, path);
    last = Math.max(last, address + length);
    if (where !== 'here') continue;
    // Only what continues the part before it: after a gap, or at an address that comes twice, a text may begin anywhere.
    if (range && address <= range.start + found && address + length > range.start + found) {
      const at = bytes + range.start + found - address;
      const part = { at, length: Math.min(address + length, range.end) - range.start - found };
      if (part.length > 0) parts.push(part);
      found += Math.max(0, part.length);
    }
    bytes += length;
  }
  // If there are more or fewer pages than listed, it is not known which page is which.
  const isAsListed = contents.member(map.pagesImage)?.present === bytes;
  return { pagesImage: map.pagesImage, bytes, parts: isAsListed ? parts : [] };
}

export interface PageCount {
  readonly pages: number;
  /** Pages that contain only zeros. */
  readonly blank: number;
}

export const PAGES_IMAGE = /^checkpoint\/pages-\d+\.img$/;

/**
 * Reads all pages of an archive, once and in their order.
 *
 * @param wanted parts of images
 * @param onParts gets the bytes of these parts
 */
export async function readPages(
  contents: Contents,
  pageBytes: number,
  wanted: ReadonlyMap<string, readonly Part[]>,
  onParts: (pagesImage: string, bytes: Buffer) => void,
): Promise<PageCount> {
  let pages = 0;
  let blank = 0;
  for (const member of contents.archive.members) {
    if (!PAGES_IMAGE.test(member.path)) continue;
    const parts = contents.member(member.path) === member ? (wanted.get(member.path) ?? []) : [];
    const taken = Buffer.alloc(parts.reduce((sum, { length }) => sum + length, 0));
    const blankHere = await readImage(contents, member, pageBytes, parts, taken);
    if (taken.length > 0) onParts(member.path, taken);
    const pagesHere = Math.ceil(member.present / pageBytes);
    if (pagesHere > 0 && blankHere === pagesHere) {
      const sentence = `all ${pagesHere} pages of ${member.path} are zeros`;
      contents.findings.add('inspect/blank-memory', sentence, member.path);
    }
    pages += pagesHere;
    blank += blankHere;
  }
  return { pages, blank };
}

/** Reads one image; copies the parts. Returns how many of its pages are blank. */
async function readImage(
  { archive }: Contents,
  member: TarMember,
  pageBytes: number,
  parts: readonly Part[],
  taken: Buffer,
): Promise<number> {
  let blank = 0;
  let start = 0;
  for await (const piece of piecesOf(archive.content(member))) {
    for (let at = 0; at < piece.length; at += pageBytes) if (isZero(piece.subarray(at, at + pageBytes))) blank += 1;
    let to = 0;
    for (const { at, length } of parts) {
      const from = Math.max(at, start);
      const end = Math.min(at + length, start + piece.length);
      if (from < end) piece.copy(taken, to + from - at, from - start, end - start);
      to += length;
    }
    start += piece.length;
  }
  return blank;
}
