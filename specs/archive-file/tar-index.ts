// Reads the headers of a plain tar from disk (ustar, pax, GNU long names) without ever holding its contents.
import type { FileHandle } from 'node:fs/promises';
import { openRegular } from './regular-file';
import { BLOCK, checksumHolds, NotATar, octal, paxRecords, text } from './tar-header';

export { NotATar } from './tar-header';

/** No header extension of a sane archive is longer than this; bytes. */
const MAX_EXTENSION = 1024 * 1024;

export interface TarMember {
  readonly name: string;
  /** `0` file, `5` directory, `1` and `2` links, as in the header. */
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  /** Time of change, seconds since the epoch. */
  readonly mtime: number;
  /** Where a link points to; empty for what is none. */
  readonly linkTarget: string;
  /** Where its content starts in the archive, bytes. */
  readonly offset: number;
}

/** What a header extension says of the member behind it, by its type. */
const EXTENSIONS: Readonly<Record<string, (content: Buffer) => Record<string, string>>> = {
  x: paxRecords,
  L: (content) => ({ path: text(content, 0, content.length) }),
  K: (content) => ({ linkpath: text(content, 0, content.length) }),
};

async function readExactly(file: FileHandle, offset: number, length: number, what: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  if (bytesRead < length) throw new NotATar(`it ends in the middle of ${what}`);
  return buffer;
}

/**
 * Lists the members of a tar in order. Throws NotATar on anything but a whole archive: no header, a wrong checksum,
 * a cut, no end mark, bytes other than zero behind the end.
 */
export async function tarIndex(path: string): Promise<readonly TarMember[]> {
  await using file = await openRegular(path);
  const { size: total } = await file.stat();
  const members: TarMember[] = [];
  let extension: Record<string, string> = {};
  let at = 0;
  for (;;) {
    const header = await readExactly(file, at, BLOCK, at === 0 ? 'the first header' : 'a header, before the end mark');
    if (header.every((byte) => byte === 0)) break;
    if (!checksumHolds(header)) throw new NotATar(`the header at byte ${at} is not that of a tar member`);
    const type = text(header, 156, 1) || '0';
    const size = extension['size'] !== undefined ? Number(extension['size']) : octal(header, 124, 12);
    const offset = at + BLOCK;
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
    // A size from an extension may be anything, also one that would lead back.
    if (!(size >= 0 && at <= total)) throw new NotATar(`it ends in the middle of ${text(header, 0, 100)}`);
    if ('xgLK'.includes(type)) {
      if (size > MAX_EXTENSION) throw new NotATar(`a header extension claims ${size} bytes`);
      const content = await readExactly(file, offset, size, 'a header extension');
      if (type !== 'g') extension = { ...extension, ...EXTENSIONS[type]?.(content) };
      continue;
    }
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const name = extension['path'] ?? (prefix ? `${prefix}/` : '') + text(header, 0, 100);
    const mtime = Number(extension['mtime'] ?? octal(header, 136, 12));
    const linkTarget = '12'.includes(type) ? (extension['linkpath'] ?? text(header, 157, 100)) : '';
    members.push({ name, type, mode: octal(header, 100, 8), size, mtime, linkTarget, offset });
    extension = {};
  }
  await expectOnlyZeros(file, at, total);
  return members;
}

async function expectOnlyZeros(file: FileHandle, from: number, total: number): Promise<void> {
  if (total - from < 2 * BLOCK) throw new NotATar('it has no end mark of two zero blocks');
  const chunk = Buffer.alloc(64 * 1024);
  for (let at = from; at < total; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (chunk.subarray(0, bytesRead).some((byte) => byte !== 0))
      throw new NotATar(`${total - from} bytes stand behind the end mark, and not all are zero`);
    at += bytesRead;
  }
}
