// Converts an archive's tar file to the forms of other tar programs, and to invalid forms. The members stay the same.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { BLOCK_BYTES, END_OF_ARCHIVE, padding, sealHeader, tarHeader } from '../../archive/tar/tar-header';
import type { Effects } from '../deviation';

/** Size of a record of GNU tar, bytes. */
const RECORD = 20 * BLOCK_BYTES;

/** Makes an effect that changes the bytes of the archive and replaces the file in one step. */
export const rewrittenTar = (change: (tar: Buffer) => Buffer): Effects => ({
  archive: async (job, next) => {
    await next(job);
    const draft = `${job.location}.${randomBytes(4).toString('hex')}`;
    await fs.writeFile(draft, change(await fs.readFile(job.location)), { mode: 0o600 });
    await fs.rename(draft, job.location);
  },
});

/** Removes the two blocks of zeros that end an archive. */
export const withoutEndMark = (tar: Buffer): Buffer => tar.subarray(0, -END_OF_ARCHIVE.length);

/** Removes one of the two blocks of zeros that end an archive. */
export const halfEndMark = (tar: Buffer): Buffer => tar.subarray(0, -BLOCK_BYTES);

export const withTrailingBytes = (tar: Buffer): Buffer => Buffer.concat([tar, Buffer.from('and more')]);

const OUTSIDE = tarHeader({
  name: 'outside',
  type: 'link',
  mode: 0o777,
  size: 0,
  mtime: 0,
  linkTarget: '../../etc/shadow',
});

/** Adds a link to a file of the host, unless another checkpoint to the same location has added it already. */
export const withOutsideLink = (tar: Buffer): Buffer =>
  tar.includes(OUTSIDE) ? tar : Buffer.concat([withoutEndMark(tar), OUTSIDE, END_OF_ARCHIVE]);

/** Replaces the checksum of the first header with a wrong checksum. */
export function wrongChecksum(tar: Buffer): Buffer {
  const changed = Buffer.from(tar);
  changed.write('000001\0 ', 148, 'latin1');
  return changed;
}

const sizeIn = (header: Buffer) => Number.parseInt(header.toString('latin1', 124, 135), 8);

/** Writes the size in base 256, and moves the directory of the name into the prefix field. */
function otherFields(header: Buffer): Buffer {
  const changed = Buffer.from(header);
  changed.writeUInt8(0x80, 124);
  changed.fill(0, 125, 136).writeBigUInt64BE(BigInt(sizeIn(header)), 128);
  const [name = ''] = header.toString('latin1', 0, 100).split('\0');
  const [, directory, file] = /^(.*)\/([^/]+)$/.exec(name) ?? [];
  if (directory !== undefined && file !== undefined && header[345] === 0) {
    changed.fill(0, 0, 100).write(file, 'latin1');
    changed.write(directory, 345, 'latin1');
  }
  return sealHeader(changed);
}

/** Returns an extension header for the next member, in the form of another writer. */
function extension(like: Buffer, type: string, content: string): Buffer {
  const header = Buffer.from(like);
  header.fill(0, 0, 100).write('extension', 'latin1');
  header.fill(0, 157, 257).fill(0, 345, 500);
  header.write(
    `${content.length.toString(8).padStart(11, '0')}\0${header.toString('latin1', 136, 148)}`,
    124,
    'latin1',
  );
  header.write(type, 156, 'latin1');
  return Buffer.concat([sealHeader(header), Buffer.from(content), padding(content.length)]);
}

/**
 * Converts the archive to the form of another writer: a global comment, a time and a long name in extension headers,
 * different fields, and zeros up to a full record.
 */
export function otherDialect(tar: Buffer): Buffer {
  // Another checkpoint to the same location may have rewritten the file already.
  if (tar[156] === 'g'.charCodeAt(0)) return tar;
  const parts = [extension(tar.subarray(0, BLOCK_BYTES), 'g', '19 comment=ckptest\n')];
  for (let at = 0; at < tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + BLOCK_BYTES);
    const end = at + BLOCK_BYTES + sizeIn(header) + padding(sizeIn(header)).length;
    const [name = ''] = header.toString('latin1', 0, 100).split('\0');
    const isExtension = header[156] === 'x'.charCodeAt(0);
    if (name === 'config.dump')
      parts.push(extension(header, 'x', '20 mtime=1700000000\n'), extension(header, 'L', `${name}\0`));
    parts.push(isExtension ? header : otherFields(header), tar.subarray(at + BLOCK_BYTES, end));
    at = end;
  }
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([...parts, Buffer.alloc(2 * RECORD - (size % RECORD))]);
}
