// Archives as other writers of tar make them, and as none may: what is changed is the file, not its members.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import type { ArchiveWrapper } from '../../archive/job';
import { BLOCK_BYTES, END_OF_ARCHIVE, padding, sealHeader, tarHeader } from '../../archive/tar/tar-header';
import { type DeviationTable, deviations, type Effects } from '../deviation';

/** GNU tar writes in units of so many bytes. */
const RECORD = 20 * BLOCK_BYTES;

/** Other bytes for the whole file, in one step: whoever looks meanwhile finds one or the other. */
const rewritten = (change: (tar: Buffer) => Buffer): Effects => {
  const wrapper: ArchiveWrapper = async (job, next) => {
    await next(job);
    const draft = `${job.location}.${randomBytes(4).toString('hex')}`;
    await fs.writeFile(draft, change(await fs.readFile(job.location)), { mode: 0o600 });
    await fs.rename(draft, job.location);
  };
  return { archive: wrapper };
};

const withoutEnd = (tar: Buffer) => tar.subarray(0, -END_OF_ARCHIVE.length);

const OUTSIDE = tarHeader({
  name: 'outside',
  type: 'link',
  mode: 0o777,
  size: 0,
  mtime: 0,
  linkTarget: '../../etc/shadow',
});

/** A link to a file of the node, at the end; another checkpoint to the same location may have put it there already. */
const withOutsideLink = (tar: Buffer) =>
  tar.includes(OUTSIDE) ? tar : Buffer.concat([withoutEnd(tar), OUTSIDE, END_OF_ARCHIVE]);

/** A header whose checksum is that of none. */
function wrongChecksum(tar: Buffer): Buffer {
  const changed = Buffer.from(tar);
  changed.write('000001\0 ', 148, 'latin1');
  return changed;
}

const sizeIn = (header: Buffer) => Number.parseInt(header.toString('latin1', 124, 135), 8);

/** The size in base 256, and the folder of the name in the field of the prefix. */
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

/** Says something of the member behind it, in the form of another writer. */
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

/** A note on the whole, a time and a long name from extensions, other fields, and zeros up to a whole record. */
function otherDialect(tar: Buffer): Buffer {
  // What was written by another checkpoint to the same location is in that dialect already.
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

const mutants: DeviationTable = {
  'archive-outside-link': ['has a link to a file of the node', () => rewritten(withOutsideLink)],
  'archive-goes-on-behind-its-end': [
    'writes on behind the end of archives',
    () => rewritten((tar) => Buffer.concat([tar, Buffer.from('and more')])),
  ],
  'archive-without-end-mark': ['leaves the end mark of archives out', () => rewritten(withoutEnd)],
  'archive-with-half-an-end-mark': [
    'ends archives with one block of zeros',
    () => rewritten((tar) => tar.subarray(0, -BLOCK_BYTES)),
  ],
  'archive-wrong-checksum': ['gives a member a checksum that is not its own', () => rewritten(wrongChecksum)],
};

export const tarMutants = deviations('mutant', mutants);

export const tarVariants = deviations('variant', {
  'archive-of-another-tar': [
    'writes archives in the forms of other writers: extensions, numbers in base 256, prefixes of names, whole records',
    () => rewritten(otherDialect),
  ],
});
