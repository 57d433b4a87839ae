// Reads the headers of a plain tar from disk (ustar, pax, GNU long names) without ever holding its contents.
import fs, { type FileHandle } from 'node:fs/promises';

const BLOCK = 512;
/** No header extension of a sane archive is longer than this; bytes. */
const LONGEST_EXTENSION = 1024 * 1024;

export interface TarMember {
  readonly name: string;
  /** `0` file, `5` directory, `1` and `2` links, as in the header. */
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  /** Where its content starts in the archive, bytes. */
  readonly offset: number;
}

/** The archive is not a whole tar; the message says what is wrong with it. */
export class NotATar extends Error {}

const text = (header: Buffer, start: number, length: number) =>
  header.toString('utf8', start, start + length).replace(/\0.*$/s, '');

function octal(header: Buffer, start: number, length: number): number {
  const first = header[start] ?? 0;
  if (first & 0x80) return Number(BigInt(`0x${header.toString('hex', start + 1, start + length)}`));
  const digits = text(header, start, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new NotATar(`a header holds ${JSON.stringify(digits)} where a number belongs`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function checksumHolds(header: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (header[i] ?? 0);
  return sum === octal(header, 148, 8);
}

function paxRecords(content: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('utf8', at, space));
    if (space < 0 || !Number.isInteger(length) || length < 5) throw new NotATar('a pax header cannot be read');
    const [, key = '', value = ''] = /^([^=]*)=(.*)\n$/s.exec(content.toString('utf8', space + 1, at + length)) ?? [];
    records[key] = value;
    at += length;
  }
  return records;
}

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
  await using file = await fs.open(path);
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
    if (at > total) throw new NotATar(`it ends in the middle of ${text(header, 0, 100)}`);
    if ('xgL'.includes(type)) {
      if (size > LONGEST_EXTENSION) throw new NotATar(`a header extension claims ${size} bytes`);
      const content = await readExactly(file, offset, size, 'a header extension');
      if (type !== 'g') extension = type === 'L' ? { path: text(content, 0, size) } : paxRecords(content);
      continue;
    }
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const name = extension['path'] ?? (prefix ? `${prefix}/` : '') + text(header, 0, 100);
    members.push({ name, type, mode: octal(header, 100, 8), size, offset });
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
