// Walks through the headers of a tar without reading contents, and continues after a defect if possible.
import { piecesOf, readAt, type SeekableSource, sectionOf } from './source';
import { BLOCK, EXTENSIONS, type Extension, extended, NotATar, readHeader, type TarHeader } from './tar-header';
import { type SparseContent, sparseContent } from './tar-sparse';

/** Maximum number of headers. A checkpoint archive has about ten members per process and few extension headers. */
const MAX_HEADERS = 100_000;
/** Maximum number of characters in the names of all members together. */
const MAX_NAME_CHARACTERS = 16 * 1024 * 1024;
/** Maximum size of the holes in all members together, bytes. Holes need no input, but reading them takes time. */
const MAX_HOLES = 256 * 1024 ** 3;
/** Maximum size of an extension header, bytes. Extension headers in real archives are smaller. */
const MAX_EXTENSION = 1024 * 1024;

export interface TarMember extends TarHeader {
  /** The name after unpacking, without `./` and repeated slashes. Names of directories end with a slash. */
  readonly path: string;
  /** Offset of the content in the archive, bytes. */
  readonly offset: number;
  /** Offset of the next header, bytes. */
  readonly end: number;
  /** Set if the content has holes. The archive does not contain the holes, but `size` includes them. */
  readonly sparse?: SparseContent;
  /** Size of the content that is in the archive, bytes. Less than `size` if the archive is truncated. */
  readonly present: number;
}

/** A defect of a tar. */
export interface TarDefect {
  /** `not-a-tar`: even the first header is invalid. `limit`: a limit was reached, and the rest was not read. */
  readonly kind: 'not-a-tar' | 'damaged' | 'limit';
  readonly sentence: string;
  readonly member?: string;
  /** Whether members may be missing because the archive is truncated. */
  readonly isCut?: true;
}

export type DefectListener = (defect: TarDefect) => void;

function pathOf({ name, type }: TarHeader): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return (name.startsWith('/') ? '/' : '') + parts.join('/') + (type === '5' && parts.length > 0 ? '/' : '');
}

function memberOf(
  header: TarHeader,
  offset: number,
  end: number,
  sparse: SparseContent | undefined,
  total: number,
): TarMember {
  const path = pathOf(header);
  if (!sparse) return { ...header, path, offset, end, present: Math.max(0, Math.min(header.size, total - offset)) };
  const type = header.type === 'S' ? '0' : header.type;
  return { ...header, type, path, offset, end, sparse, size: sparse.size, present: end > total ? 0 : sparse.size };
}

/**
 * Reads an extension header and returns the updated values. If the header cannot be read, reports a defect and returns
 * the previous values.
 */
async function readExtension(
  source: SeekableSource,
  { type, size, name }: TarHeader,
  offset: number,
  before: Extension,
  report: DefectListener,
): Promise<Extension> {
  try {
    if (size > MAX_EXTENSION) throw new NotATar(`an extension header claims to have ${size} bytes`);
    return extended(before, type, await readAt(source, offset, size));
  } catch (error) {
    if (!(error instanceof NotATar)) throw error;
    report({ kind: 'damaged', sentence: error.message, member: name });
    return before;
  }
}

/**
 * Yields the members of a tar, in order.
 *
 * @param report called for each defect; most defects end the walk
 */
export async function* walkTar(source: SeekableSource, report: DefectListener): AsyncGenerator<TarMember> {
  let extension: Extension = {};
  let at = 0;
  let characters = 0;
  let holes = 0;
  for (let headers = 1; ; headers += 1) {
    const block = await readAt(source, at, BLOCK);
    const kind = at === 0 ? 'not-a-tar' : 'damaged';
    if (block.length < BLOCK) {
      const where = at === 0 ? 'in the middle of the first header' : 'before its end mark';
      return report({ kind, sentence: `it ends ${where}, at byte ${source.size}`, isCut: true });
    }
    if (isZero(block)) break;
    const offset = at + BLOCK;
    let header: TarHeader;
    let sparse: SparseContent | undefined;
    try {
      const values = EXTENSIONS.includes(typeOf(block)) ? {} : extension;
      header = readHeader(block, values);
      sparse = await sparseContent(source, block, values, offset, header.size);
      holes += sparse ? sparse.size - header.size : 0;
    } catch (error) {
      if (!(error instanceof NotATar)) throw error;
      return report({
        kind,
        sentence: `the header at byte ${at} is not that of a tar member: ${error.message}`,
        isCut: true,
      });
    }
    const { name, type, size, linkTarget } = header;
    at = sparse?.end ?? offset + Math.ceil(size / BLOCK) * BLOCK;
    if (EXTENSIONS.includes(type)) extension = await readExtension(source, header, offset, extension, report);
    else {
      yield memberOf(header, offset, at, sparse, source.size);
      characters += name.length + linkTarget.length;
      extension = {};
    }
    if (at > source.size) {
      const sentence = `it ends in the middle of a member: it has ${source.size} of ${at} bytes`;
      return report({ kind: 'damaged', sentence, member: name, isCut: true });
    }
    if (headers >= MAX_HEADERS || characters > MAX_NAME_CHARACTERS || holes > MAX_HOLES)
      return report({
        kind: 'limit',
        sentence: `it is too large; members after byte ${at} were not read`,
        isCut: true,
      });
  }
  await checkEnd(source, at + BLOCK, report);
}

const typeOf = (block: Buffer) => block.toString('latin1', 156, 157);

/** The defect of a file with more data after the end of the archive. */
export const IS_FOLLOWED = 'bytes other than zeros follow its end mark';

/** Maximum number of zeros after the end mark, bytes. Writers of tar fill up a record, which is far smaller. */
const MAX_PADDING = 1024 ** 3;

/** Checks the rest of the archive after the first of the two zero blocks that end a tar. */
async function checkEnd(source: SeekableSource, from: number, report: DefectListener): Promise<void> {
  let bytes = 0;
  for await (const piece of piecesOf(sectionOf(source, from, source.size - from))) {
    bytes += piece.length;
    if (!isZero(piece)) return report({ kind: 'damaged', sentence: IS_FOLLOWED });
    if (bytes > MAX_PADDING)
      return report({ kind: 'damaged', sentence: `more than ${MAX_PADDING} bytes follow its end mark` });
  }
  if (bytes < BLOCK) report({ kind: 'damaged', sentence: 'it ends with one block of zeros, but an end mark has two' });
}

const ZEROS = Buffer.alloc(1024 * 1024);

/**
 * Returns whether a piece contains only zero bytes.
 *
 * @param piece at most one mebibyte
 */
export function isZero(piece: Buffer): boolean {
  return piece.equals(ZEROS.subarray(0, piece.length));
}
