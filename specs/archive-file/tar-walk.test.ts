// Tests that the walk through a tar reads every header format that writers use, and reports defects.
import { describe, expect, test } from '@jest/globals';
import { BLOCK, extended } from './tar-header';
import { type TarDefect, type TarMember, walkTar } from './tar-walk';
import { extension, type Fields, header, padded, sourceOf } from './testing/tar-blocks';

const END = Buffer.alloc(2 * BLOCK);

async function walked(...pieces: Buffer[]): Promise<{ members: TarMember[]; defects: TarDefect[] }> {
  const members: TarMember[] = [];
  const defects: TarDefect[] = [];
  for await (const member of walkTar(sourceOf(Buffer.concat(pieces)), (defect) => defects.push(defect)))
    members.push(member);
  return { members, defects };
}

async function memberOf(...pieces: Buffer[]) {
  const { members, defects } = await walked(...pieces, END);
  expect(defects).toEqual([]);
  return members[0];
}

describe('names', () => {
  test.each<[string, Fields, string, string]>([
    ['of ustar have a prefix', { name: 'b', prefix: 'a' }, 'a/b', 'a/b'],
    ['of GNU tar have none, whatever is there', { name: 'b', prefix: '12345', magic: 'ustar  ' }, 'b', 'b'],
    ['lose their ./', { name: './config.dump' }, './config.dump', 'config.dump'],
    ['lose repeated slashes', { name: 'a//./b' }, 'a//./b', 'a/b'],
    ['of directories end with a slash', { name: 'a', type: '5' }, 'a', 'a/'],
    ['that end with a slash are those of directories', { name: 'a/' }, 'a/', 'a/'],
    ['of the root are empty', { name: './', type: '5' }, './', ''],
    ['stay outside', { name: '/../a' }, '/../a', '/../a'],
  ])('%s', async (_title, fields, name, path) => {
    expect(await memberOf(header(fields))).toMatchObject({ name, path });
  });

  test('come from extension headers, of which the last one is used', async () => {
    expect(await memberOf(...extension('L', 'long\0'), header({}))).toMatchObject({ name: 'long' });
    const both = [...extension('L', 'long\0'), ...extension('x', '12 path=pax\n')];
    expect(await memberOf(...both, header({}))).toMatchObject({ name: 'pax' });
    expect(await memberOf(...extension('g', '15 path=global\n'), header({}))).toMatchObject({ name: 'a' });
  });
});

describe('sizes', () => {
  test.each(['1', '2', '3', '4', '5', '6'])('of type %s are zero', async (type) => {
    expect(await memberOf(header({ type, size: '1000' }))).toMatchObject({ size: 0 });
  });

  test('of an extension header come from its own header', async () => {
    const first = extension('x', '12 size=1024\n'.replace('12', '13'));
    expect(await memberOf(...first, ...extension('L', 'long\0'), header({}), Buffer.alloc(1024, 1))).toMatchObject({
      name: 'long',
      size: 1024,
    });
  });

  test.each(['1e2', '0x10', '-1', ' 1', '1.0', '9'.repeat(20)])(
    'in a PAX header are decimal numbers: %s is not',
    async (size) => {
      const record = `${size.length + 9} size=${size}\n`.replace(/^\d+/, String(`NN size=${size}\n`.length));
      const { members, defects } = await walked(...extension('x', record), header({}), END);
      expect(members).toEqual([]);
      expect(defects).toMatchObject([{ kind: 'damaged', sentence: expect.stringMatching(/not a number of bytes$/) }]);
    },
  );

  test('an empty value in a PAX header does not replace the value in the header', async () => {
    expect(extended({ size: '1' }, 'x', Buffer.from('8 x=abc\n12 path=bcd\n8 size=\n'))).toEqual({
      path: 'bcd',
      size: '1',
    });
    expect(await memberOf(...extension('x', '8 size=\n'), header({ size: '5' }), padded('12345'))).toMatchObject({
      size: 5,
    });
  });

  test.each([
    ['a positive one', '8000000000000000000003e8', 1000],
    ['one that fills the first byte', '810000000000000000000000', undefined],
    ['a negative one', 'ffffffffffffffffffffffff', undefined],
  ])('binary numbers: %s', async (_title, hex, size) => {
    const { members, defects } = await walked(header({ size: Buffer.from(hex, 'hex') }), Buffer.alloc(1024), END);
    if (size !== undefined) expect(members).toMatchObject([{ size }]);
    else
      expect(defects).toMatchObject([{ kind: 'not-a-tar', sentence: expect.stringMatching(/not a number of bytes$/) }]);
  });

  test('a negative time is before 1970', async () => {
    expect(await memberOf(header({ mtime: Buffer.from('ffffffffffffffffffffffff', 'hex') }))).toMatchObject({
      mtime: -1,
    });
  });
});

describe('defects', () => {
  test.each<[string, Buffer[], object[]]>([
    ['text', [Buffer.alloc(1024, 'text ')], [{ kind: 'not-a-tar' }]],
    ['nothing', [], [{ kind: 'not-a-tar' }]],
    ['a second header that is none', [header({}), Buffer.alloc(512, 'x')], [{ kind: 'damaged' }]],
    ['a missing end mark', [header({})], [{ sentence: 'it ends before its end mark, at byte 512' }]],
    ['half an end mark', [header({}), Buffer.alloc(512)], [{ sentence: expect.stringMatching(/one block of zeros/) }]],
    [
      'bytes behind the end',
      [header({}), END, Buffer.from('x')],
      [{ sentence: expect.stringMatching(/^bytes other/) }],
    ],
    ['a cut content', [header({ size: '10' }), Buffer.from('1234')], [{ member: 'a', kind: 'damaged' }]],
    [
      'a large extension',
      [header({ type: 'L', size: '77777777' })],
      [{ sentence: expect.stringMatching(/claims/) }, {}],
    ],
    ['a PAX header that is none', [...extension('x', 'x'), header({}), END], [{ kind: 'damaged' }]],
  ])('%s', async (_title, pieces, defects) => {
    expect((await walked(...pieces)).defects).toMatchObject(defects);
  });

  test('the content of an invalid header is not quoted', async () => {
    const { defects } = await walked(header({}), Buffer.alloc(512, 'secret'));
    expect(JSON.stringify(defects)).not.toContain('ecr');
  });

  test('after a hundred thousand headers the rest is not read', async () => {
    const block = header({ type: 'x' });
    const endless = { size: Number.MAX_SAFE_INTEGER, fill: async (buffer: Buffer) => block.copy(buffer) };
    const defects: TarDefect[] = [];
    for await (const _ of walkTar(endless, (defect) => defects.push(defect)));
    expect(defects).toMatchObject([{ kind: 'limit' }]);
  });
});
