// Reads the memory in an archive: the addresses in pagemaps, the position of a range in the image, and blank pages.
import { pagemapPath, readPageMap } from '../../specs/archive-file/dump';
import type { Archive } from '../../specs/archive-file/reader';
import { piecesOf } from '../../specs/archive-file/source';
import { isZero, type TarMember } from '../../specs/archive-file/tar-walk';
import type { Contents } from './contents';

/** Memory addresses. `end` is not included. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ProcessMemory {
  readonly pagesImage: string;
  /** Size of the pages in the archive, bytes. */
  readonly bytes: number;
  /** Positions of the range in the image, in order, up to the first page that is missing. */
  readonly parts: readonly Part[];
}

interface Part {
  readonly at: number;
  readonly length: number;
}

/**
 * Reads the pagemap of a process.
 *
 * @param pid id of the process
 * @param pageBytes size of a page, bytes
 * @param range addresses whose position in the image is needed
 * @returns undefined if the process has no pagemap
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
    // Only a region that continues the previous one is used: after a gap, or at a repeated address, the bytes may be
    // the middle of a value.
    if (range && address <= range.start + found && address + length > range.start + found) {
      const at = bytes + range.start + found - address;
      const part = { at, length: Math.min(address + length, range.end) - range.start - found };
      if (part.length > 0) parts.push(part);
      found += Math.max(0, part.length);
    }
    bytes += length;
  }
  // If the number of pages is not as listed, the position of each page is unknown.
  const isAsListed = contents.member(map.pagesImage)?.present === bytes;
  return { pagesImage: map.pagesImage, bytes, parts: isAsListed ? parts : [] };
}

export interface PageCount {
  readonly pages: number;
  /** Pages that contain only zeros. */
  readonly blank: number;
}

const PAGES = {
  checkpoint: /^checkpoint\/pages-\d+\.img$/,
  preCheckpoint: /^pre-checkpoint\/pages-\d+\.img$/,
} as const;

/** Returns the images with the pages of the checkpoint, or of the pre-checkpoint if there is nothing else. */
export function pagesImages({ members, hasImages }: Archive): readonly TarMember[] {
  const wanted = hasImages ? PAGES.checkpoint : PAGES.preCheckpoint;
  return members.filter(({ path }) => wanted.test(path));
}

/**
 * Reads all pages of an archive once, in order.
 *
 * @param pageBytes size of a page, bytes
 * @param wanted parts of images to pass to `onParts`
 * @param onParts called with the bytes of these parts
 */
export async function readPages(
  contents: Contents,
  pageBytes: number,
  wanted: ReadonlyMap<string, readonly Part[]>,
  onParts: (pagesImage: string, bytes: Buffer) => void,
): Promise<PageCount> {
  let pages = 0;
  let blank = 0;
  for (const member of pagesImages(contents.archive)) {
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

/** Reads one image and copies the wanted parts into `taken`. Returns the number of blank pages. */
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
