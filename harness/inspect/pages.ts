// Reads the memory in an archive: the addresses in pagemaps, the position of a range in the image, and blank pages.
import type { CriuMessage } from '../../proto/load';
import { DEFAULT_PAGE, pagemapPath, pageSizeOf, readPageMap } from '../../specs/archive-file/dump';
import type { Archive } from '../../specs/archive-file/reader';
import { piecesOf } from '../../specs/archive-file/source';
import { isZero, type TarMember } from '../../specs/archive-file/tar-walk';
import { Contents } from './contents';
import { Findings } from './findings';
import type { MemoryAreas } from './memory-areas';

/** Memory addresses. `end` is not included. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ProcessMemory {
  readonly pagesImage: string;
  /** Size of the pages in the archive, bytes. */
  readonly bytes: number;
  /** Positions in the image of the range that was passed to `readPagemap`, in order, up to the first missing page. */
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
 * @param range addresses for which the position in the image is needed
 * @param areas counts the pages by area
 * @returns the memory of the process; undefined if it has no pagemap
 */
export async function readPagemap(
  contents: Contents,
  pid: number,
  pageBytes: number,
  range: Range | undefined,
  areas?: MemoryAreas,
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
    areas?.count(address, length);
    // Use a region only if it continues the previous region. After a gap or a repeated address, the region may begin in
    // the middle of a value.
    if (range && address <= range.start + found && address + length > range.start + found) {
      const at = bytes + range.start + found - address;
      const part = { at, length: Math.min(address + length, range.end) - range.start - found };
      if (part.length > 0) parts.push(part);
      found += Math.max(0, part.length);
    }
    bytes += length;
  }
  // If the image does not have the size that the pagemap implies, the position of each page is unknown.
  const isAsListed = contents.member(map.pagesImage)?.present === bytes;
  return { pagesImage: map.pagesImage, bytes, parts: isAsListed ? parts : [] };
}

const MAX_ENVIRONMENT = 1024 * 1024;

/**
 * Returns the addresses of a process's variables and of the byte before them; undefined if the addresses are not valid.
 */
export function environmentRange(mm: CriuMessage<'mm_entry'> | undefined): Range | undefined {
  const [start, end] = [Number(mm?.mm_env_start ?? 0), Number(mm?.mm_env_end ?? 0)];
  return 0 < start && start < end && end - start <= MAX_ENVIRONMENT ? { start: start - 1, end } : undefined;
}

export interface PageCount {
  readonly pages: number;
  /** Number of pages that contain only zeros. */
  readonly blank: number;
}

const PAGES = {
  checkpoint: /^checkpoint\/pages-\d+\.img$/,
  preCheckpoint: /^pre-checkpoint\/pages-\d+\.img$/,
} as const;

/**
 * Returns the images with memory pages: the images of the checkpoint, or of the pre-checkpoint if there is no
 * checkpoint.
 */
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
 * @param early images that were read during the walk
 */
export async function readPages(
  contents: Contents,
  pageBytes: number,
  wanted: ReadonlyMap<string, readonly Part[]>,
  onParts: (pagesImage: string, bytes: Buffer) => void,
  early?: EarlyPages,
): Promise<PageCount> {
  let pages = 0;
  let blank = 0;
  for (const member of pagesImages(contents.archive)) {
    const parts = contents.member(member.path) === member ? (wanted.get(member.path) ?? []) : [];
    const { blank: blankHere, taken } =
      early?.scanOf(member, pageBytes, parts) ?? (await scanPages(contents.archive, member, pageBytes, parts));
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

interface Scan {
  readonly pageBytes: number;
  readonly parts: readonly Part[];
  readonly blank: number;
  /** The bytes of the wanted parts. */
  readonly taken: Buffer;
}

/** Reads one image: counts its blank pages, and copies the wanted parts. */
async function scanPages(
  archive: Archive,
  member: TarMember,
  pageBytes: number,
  parts: readonly Part[],
): Promise<Scan> {
  const taken = Buffer.alloc(parts.reduce((sum, { length }) => sum + length, 0));
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
  return { pageBytes, parts, blank, taken };
}

/** Maximum number of bytes of variables that are kept from images read during the walk. */
const MAX_TAKEN = 64 * 1024 * 1024;

/**
 * Reads images with pages during the walk through the archive, because reading a compressed archive again is slow. This
 * works if the pagemaps precede the pages, as they do in the order of CRIU's file names.
 */
export class EarlyPages {
  /** The results, by the offset of the image. */
  readonly #scans = new Map<number, Scan>();
  /** The pages image of each pagemap, by process id. */
  readonly #pagesImages = new Map<string, string | undefined>();
  #taken = 0;

  async read(archive: Archive, member: TarMember): Promise<void> {
    if (!PAGES.checkpoint.test(member.path) || this.#taken > MAX_TAKEN) return;
    const contents = new Contents(archive, new Findings());
    const pageBytes = (await contents.attempt(() => pageSizeOf(archive))) ?? DEFAULT_PAGE;
    const pids = (await this.#owners(contents, pageBytes)).filter((pid) => this.#pagesImages.get(pid) === member.path);
    const [pid = '', ...others] = pids;
    const mm =
      pid === '' || others.length > 0 ? undefined : await contents.first(`checkpoint/mm-${pid}.img`, 'mm_entry');
    const memory = mm && (await readPagemap(contents, Number(pid), pageBytes, environmentRange(mm)));
    const scan = await scanPages(archive, member, pageBytes, memory?.parts ?? []);
    this.#taken += scan.taken.length;
    this.#scans.set(member.offset, scan);
  }

  /** Returns the ids of all processes with a pagemap. */
  async #owners(contents: Contents, pageBytes: number): Promise<string[]> {
    for (const path of contents.archive.paths) {
      const [, pid] = /^checkpoint\/pagemap-(\d+)\.img$/.exec(path) ?? [];
      if (pid === undefined || this.#pagesImages.has(pid)) continue;
      const map = await contents.attempt(() => readPageMap(contents.archive, path, pageBytes));
      this.#pagesImages.set(pid, map?.pagesImage);
    }
    return [...this.#pagesImages.keys()];
  }

  /** Returns the result for an image, if it was read with this page size and these parts. */
  scanOf({ offset }: TarMember, pageBytes: number, parts: readonly Part[]): Scan | undefined {
    const scan = this.#scans.get(offset);
    const isWanted = scan?.pageBytes === pageBytes && JSON.stringify(scan.parts) === JSON.stringify(parts);
    return isWanted ? scan : undefined;
  }
}
