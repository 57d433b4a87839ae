// Walks through the headers of an archive and goes on after what is wrong, as far as that can be done.
import { BLOCK, checksumHolds, NotATar, octal, paxRecords, text } from '../../specs/archive-file/tar-header';
import type { ArchiveFile } from './archive-file';
import type { Findings } from './findings';

/** A member of the archive. */
export interface Entry {
  readonly name: string;
  /** As in the header: `0` file, `5` directory, `1` and `2` links. */
  readonly type: string;
  readonly mode: number;
  /** Bytes of content, as the header says. */
  readonly size: number;
  /** Bytes of content that are there. */
  readonly present: number;
  /** Where the content starts, bytes. */
  readonly offset: number;
  readonly linkTarget: string;
}

/** A checkpoint has about ten entries per process, and few of them an extension. */
const MAX_HEADERS = 100_000;
/** Characters that the names of all entries may have together. */
const MAX_NAME_CHARACTERS = 16 * 1024 * 1024;
/** No header extension of a sane archive is longer than this; bytes. */
export const MAX_EXTENSION = 1024 * 1024;
/** Types of headers that say something of the member behind them. */
export const EXTENSIONS = 'xgLK';
const PIECE = 1024 * 1024;

/** What of such headers matters here. */
const KEPT = ['path', 'linkpath', 'size'] as const;
/** Nothing else that they say is kept, however many of them there are. */
export type Extension = Partial<Record<(typeof KEPT)[number], string>>;

/** What is known once one more such header was read; throws NotATar where it cannot be read. */
export function extended(before: Extension, type: string, content: Buffer): Extension {
  if (type === 'L') return { ...before, path: text(content, 0, content.length) };
  if (type === 'K') return { ...before, linkpath: text(content, 0, content.length) };
  const records = type === 'x' ? paxRecords(content) : {};
  // An empty one says that the header is to be believed.
  const said = KEPT.filter((key) => records[key]).map((key) => [key, records[key]]);
  return { ...before, ...Object.fromEntries(said) };
}

interface Header {
  readonly entry: Entry;
  readonly next: number;
}

/** Reads a header block at an offset of a tar of so many bytes; throws NotATar where it is none. */
export function parseHeader(header: Buffer, at: number, extension: Extension, total: number): Header {
  if (!checksumHolds(header)) throw new NotATar('the checksum does not hold');
  const { size: decimal = '' } = extension;
  if (!/^\d*$/.test(decimal)) throw new NotATar('the size is no number of bytes');
  const claimed = decimal === '' ? octal(header, 124, 12) : Number(decimal);
  if (!Number.isSafeInteger(claimed) || claimed < 0) throw new NotATar('the size is no number of bytes');
  const type = text(header, 156, 1) || '0';
  // Links, directories, devices and pipes have no content, whatever size they claim.
  const size = '123456'.includes(type) ? 0 : claimed;
  const offset = at + BLOCK;
  const prefix = text(header, 257, 5) === 'ustar' && text(header, 257, 8) !== 'ustar  ' ? text(header, 345, 155) : '';
  const name = extension.path ?? (prefix ? `${prefix}/` : '') + text(header, 0, 100);
  const linkTarget = extension.linkpath ?? text(header, 157, 100);
  const present = Math.max(0, Math.min(size, total - offset));
  const entry = { name, type, mode: octal(header, 100, 8), size, present, offset, linkTarget };
  return { entry, next: offset + Math.ceil(size / BLOCK) * BLOCK };
}

/**
 * All entries in their order. Where a header makes no sense the walk ends with a finding.
 *
 * @returns undefined where not even the first header is that of a tar
 */
export async function scanTar(file: ArchiveFile, findings: Findings): Promise<Entry[] | undefined> {
  const entries: Entry[] = [];
  let extension: Extension = {};
  let at = 0;
  let characters = 0;
  for (let headers = 1; ; headers += 1) {
    const header = await file.bytes(at, BLOCK);
    if (header.length < BLOCK) {
      if (at === 0) return undefined;
      if (header.length === 0) findings.add('tar/end', 'the archive ends without two blocks of zeros');
      else findings.add('tar/truncated', `the archive ends in the middle of the header at byte ${at}`);
      return entries;
    }
    if (header.every((byte) => byte === 0)) break;
    let parsed: Header;
    try {
      parsed = parseHeader(header, at, extension, file.size);
    } catch (error) {
      if (!(error instanceof NotATar)) throw error;
      if (at === 0) return undefined;
      findings.add('tar/header', `the header at byte ${at} is not that of a tar member: ${error.message}`);
      return entries;
    }
    const { entry, next } = parsed;
    if (EXTENSIONS.includes(entry.type)) extension = await readExtension(file, entry, extension, findings);
    else {
      entries.push(entry);
      characters += entry.name.length + entry.linkTarget.length;
      extension = {};
    }
    if (next > file.size) {
      findings.add('tar/truncated', `${file.size} bytes are there, and content reaches up to byte ${next}`, entry.name);
      return entries;
    }
    if (headers >= MAX_HEADERS || characters > MAX_NAME_CHARACTERS) {
      findings.add('tar/too-many-entries', `after ${entries.length} entries the rest was not looked at`);
      return entries;
    }
    at = next;
  }
  if (entries.length === 0 && at === 0) findings.add('entry/missing', 'the archive has no entries');
  await checkEnd(file, at, findings);
  return entries;
}

async function readExtension(file: ArchiveFile, entry: Entry, before: Extension, findings: Findings) {
  if (entry.size > MAX_EXTENSION) {
    findings.add('tar/header', `a header extension claims ${entry.size} bytes`, entry.name);
    return before;
  }
  try {
    return extended(before, entry.type, await file.bytes(entry.offset, entry.size));
  } catch (error) {
    if (!(error instanceof NotATar)) throw error;
    findings.add('tar/header', error.message, entry.name);
    return before;
  }
}

async function checkEnd(file: ArchiveFile, end: number, findings: Findings): Promise<void> {
  if (file.size - end < 2 * BLOCK) findings.add('tar/end', 'one block of zeros ends the archive where two belong');
  for await (const piece of file.pieces(end, file.size - end, PIECE)) {
    if (isZero(piece)) continue;
    findings.add('tar/behind-the-end', `${file.size - end} bytes stand behind the end mark, and not all are zero`);
    return;
  }
}

const ZEROS = Buffer.alloc(PIECE);

/** Whether a piece of at most a mebibyte holds zeros only. */
export function isZero(piece: Buffer): boolean {
  return piece.equals(ZEROS.subarray(0, piece.length));
}
