// Tests the index of a tar file: the members of recorded and unusual archives, and which files are refused.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ArchiveErrorKind } from '../archive-error';
import { readTar } from '../testing/read-tar';
import { bufferSource } from './byte-source';
import { tarPieces } from './small-tar';
import { END_OF_ARCHIVE, padding, sealHeader, tarHeader } from './tar-header';
import { indexTar } from './tar-index';

const FILE = { name: 'file', type: 'file', mode: 0o640, mtime: 0 } as const;
const index = (...pieces: Buffer[]) => indexTar(bufferSource(Buffer.concat(pieces)));

/** Makes a header of a type, followed by its content. */
function block(type: string, content: string, name = 'extension'): Buffer {
  const header = tarHeader({ ...FILE, name, size: content.length });
  header.write(type, 156, 'latin1');
  return Buffer.concat([sealHeader(header), Buffer.from(content), padding(content.length)]);
}

/** Makes a header with changed bytes at an offset, and with a correct checksum. */
function changed(offset: number, text: string): Buffer {
  const header = tarHeader({ ...FILE, size: 0 });
  header.write(text, offset, 'latin1');
  return sealHeader(header);
}

it.each(['containerd-2.1.9', 'cri-o-1.37'])('the recorded archive of %s is indexed', async (runtime) => {
  const recorded = fs.readFileSync(path.join(__dirname, `../testdata/${runtime}-counter.tar`));
  const members = await index(recorded);
  const real = await readTar(recorded);
  expect(members.map(({ name, mode, size }) => ({ name, mode, size }))).toEqual(
    real.map(({ name, mode, size }) => ({ name, mode, size })),
  );
  for (const [i, { offset, size }] of members.entries())
    expect(recorded.subarray(offset, offset + size).equals(real[i]?.content ?? Buffer.alloc(0))).toBe(true);
});

describe('the names of members', () => {
  it.each([
    ['that ustar splits', `${'d'.repeat(150)}/${'n'.repeat(100)}`],
    ['that need a PAX header', `${'long/'.repeat(400)}name`],
    ['with a line break', `${'n'.repeat(100)}\nbreak`],
    ['beyond ASCII', 'grün/茶'],
  ])('%s are read completely', async (_, name) => {
    expect(await index(...tarPieces([{ ...FILE, name }]))).toMatchObject([{ name }]);
  });

  it('that are long in GNU tar are read completely, and apply only to the next member', async () => {
    const name = 'n'.repeat(300);
    const members = await index(block('L', `${name}\0`), block('0', 'x', 'short'), block('0', '', 'second'));
    expect(members.map((member) => member.name)).toEqual([name, 'second']);
  });
});

describe('the types of members', () => {
  it.each([
    ['0', 'a', 'file'],
    ['\0', 'a', 'file'],
    ['7', 'a', 'file'],
    ['0', 'a/', 'directory'],
    ['5', 'a/', 'directory'],
    ['1', 'a', 'other'],
    ['6', 'a', 'other'],
    ['Z', 'a', 'other'],
  ])('include %j of %s, which is a %s', async (type, name, kind) => {
    expect(await index(block(type, '', name))).toMatchObject([{ name, type: kind, size: 0 }]);
  });

  it('without content have size 0, even if their headers have another size', async () => {
    const sized = tarHeader({ ...FILE, name: 'pipe', size: 4 });
    sized.write('6', 156);
    expect(await index(sealHeader(sized), block('0', 'x', 'next'))).toMatchObject([
      { name: 'pipe', size: 0 },
      { name: 'next', size: 1 },
    ]);
  });
});

describe('the sizes of members', () => {
  it('in a PAX header take precedence over those in the ustar header', async () => {
    const header = changed(124, '77777777777');
    expect(await index(block('x', '10 size=3\n'), header, Buffer.from('abc'), padding(3))).toMatchObject([{ size: 3 }]);
  });

  it('without digits are 0', async () => {
    expect(await index(changed(124, '\0'.repeat(12)))).toMatchObject([{ size: 0 }]);
  });

  it('in binary form are read', async () => {
    const header = tarHeader({ ...FILE, size: 2 ** 42 }).subarray(-512);
    let reads = 0;
    const once = { size: 2 ** 42 + 1024, read: async () => (reads++ === 0 ? header : END_OF_ARCHIVE) };
    expect(await indexTar(once)).toMatchObject([{ size: 2 ** 42 }]);
  });
});

it.each<[string, ArchiveErrorKind, Buffer[]]>([
  ['text', 'not-a-tar', [Buffer.alloc(1024, 'text ')]],
  ['a wrong checksum', 'not-a-tar', [Buffer.from(tarHeader({ ...FILE, size: 0 })).fill('1', 0, 1)]],
  ['a size that is not a number', 'not-a-tar', [changed(124, 'many')]],
  ['a size that is too large for a number', 'not-a-tar', [changed(124, '\x80\xff\xff\xff\xff\xff\xff\xff\xff')]],
  ['a negative size', 'not-a-tar', [changed(124, '\xff'.repeat(12))]],
  ['a malformed PAX record', 'not-a-tar', [block('x', '99 path=a\n'), block('0', '')]],
  ['a PAX record without a value', 'not-a-tar', [block('x', '7 path\n'), block('0', '')]],
  ['a PAX size that is not a number', 'not-a-tar', [block('x', '10 size=x\n'), block('0', '')]],
  ['an extension of 2 MiB', 'not-a-tar', [block('L', 'n'.repeat(2 * 1024 * 1024)), block('0', '')]],
  ['half a header', 'cut', [tarHeader({ ...FILE, size: 0 }).subarray(0, 300)]],
  ['a content that is cut', 'cut', [tarHeader({ ...FILE, size: 10 }), Buffer.from('12345')]],
])('a file with %s is refused as %s', async (_, kind, pieces) => {
  await expect(index(...pieces)).rejects.toMatchObject({ name: 'ArchiveError', kind });
});

it('more than 100,000 members are refused', async () => {
  const header = tarHeader({ ...FILE, size: 0 });
  const endless = { size: Number.MAX_SAFE_INTEGER, read: async () => Buffer.concat(Array(128).fill(header)) };
  await expect(indexTar(endless)).rejects.toThrow('it has more than 100000 members');
});
