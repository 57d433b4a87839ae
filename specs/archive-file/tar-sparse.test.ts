// Tests that sparse members in all formats of GNU tar have their real size, and zeros in their holes.
import { expect, test } from '@jest/globals';
import { Archive } from './reader';
import { readAt } from './source';
import { extension, header, padded, sourceOf } from './testing/tar-blocks';

const END = Buffer.alloc(1024);
/** The content of two parts of a 5000-byte file: five bytes at offset 1000, and three at 4093. */
const CONTENT = 'helloend';
const MAP = '1000,5,4093,3';
const WANTED = Buffer.alloc(5000);
WANTED.write('hello', 1000);
WANTED.write('end', 4093);

const records = (...pairs: readonly (readonly [string, string | number])[]) =>
  pairs
    .map(([key, value]) => {
      const text = ` GNU.sparse.${key}=${value}\n`;
      const digits = text.length + String(text.length + 2).length;
      return `${digits}${text}`;
    })
    .join('');
const octal = (value: number) => value.toString(8).padStart(11, '0');

/** Returns a header in GNU tar's own format. With more than four parts, the map continues in a second block. */
function gnu(parts: readonly (readonly [number, number])[], size: number, packed: number): Buffer[] {
  const entry = ([at, length]: readonly [number, number]) => `${octal(at)}\0${octal(length)}\0`;
  const more = parts.slice(4);
  const block = header({ name: 'a', type: 'S', size: packed.toString(8), magic: 'ustar  ' }, (bytes) => {
    bytes.write(parts.slice(0, 4).map(entry).join(''), 386, 'latin1');
    bytes[482] = more.length > 0 ? 1 : 0;
    bytes.write(`${octal(size)}\0`, 483, 'latin1');
  });
  const continuation = Buffer.alloc(512);
  continuation.write(more.map(entry).join(''), 0, 'latin1');
  return more.length > 0 ? [block, continuation] : [block];
}

const packed = header({ name: 'b', size: CONTENT.length.toString(8) });
const map = padded(`2\n1000\n5\n4093\n3\n`);

test.each<[string, Buffer[], string]>([
  [
    'the format of GNU tar',
    [
      ...gnu(
        [
          [1000, 5],
          [4093, 3],
        ],
        5000,
        8,
      ),
      padded(CONTENT),
    ],
    'a',
  ],
  [
    'its continuation',
    [
      ...gnu(
        [
          [1000, 1],
          [1001, 1],
          [1002, 1],
          [1003, 1],
          [1004, 1],
          [4093, 3],
        ],
        5000,
        8,
      ),
      padded(CONTENT),
    ],
    'a',
  ],
  [
    'PAX 0.0',
    [
      ...extension(
        'x',
        records(['size', 5000], ['numblocks', 2], ['offset', 1000], ['numbytes', 5], ['offset', 4093], ['numbytes', 3]),
      ),
      packed,
      padded(CONTENT),
    ],
    'b',
  ],
  [
    'PAX 0.1',
    [
      ...extension('x', records(['size', 5000], ['numblocks', 2], ['map', MAP], ['name', 'real'])),
      packed,
      padded(CONTENT),
    ],
    'real',
  ],
  [
    'PAX 1.0',
    [
      ...extension('x', records(['major', 1], ['minor', 0], ['name', 'real'], ['realsize', 5000])),
      header({ name: 'GNUSparseFile.0/real', size: (512 + CONTENT.length).toString(8) }),
      map,
      padded(CONTENT),
    ],
    'real',
  ],
])('%s', async (_title, pieces, name) => {
  const archive = await Archive.of(sourceOf(Buffer.concat([...pieces, header({ name: 'next' }), END])));
  expect(archive.defects).toEqual([]);
  const [member, next] = archive.members;
  expect(member).toMatchObject({ name, type: '0', size: 5000, present: 5000 });
  expect(next).toMatchObject({ name: 'next' });
  const content = member && archive.content(member);
  expect(content && (await readAt(content, 0, 9999)).equals(WANTED)).toBe(true);
  expect(content && (await readAt(content, 1002, 3100)).equals(WANTED.subarray(1002, 4102))).toBe(true);
});

test.each<[string, Buffer[]]>([
  [
    'parts that overlap',
    gnu(
      [
        [1000, 5],
        [1004, 3],
      ],
      5000,
      8,
    ),
  ],
  [
    'parts behind the end',
    gnu(
      [
        [1000, 5],
        [4999, 3],
      ],
      5000,
      8,
    ),
  ],
  [
    'more bytes than are there',
    gnu(
      [
        [1000, 5],
        [4093, 4],
      ],
      5000,
      8,
    ),
  ],
  ['a map without numbers', [...extension('x', records(['size', 5000], ['map', 'x'])), packed]],
  [
    'a map without end',
    [...extension('x', records(['realsize', 5000])), header({ size: '1000' }), padded('9\n'.repeat(256))],
  ],
])('a map with %s is reported', async (_title, pieces) => {
  const { defects } = await Archive.of(sourceOf(Buffer.concat([header({}), ...pieces, padded(CONTENT), END])));
  expect(defects).toMatchObject([{ sentence: expect.stringMatching(/its map of holes cannot be read$/) }]);
});
