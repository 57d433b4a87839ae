// Tests that request bodies are skipped exactly to their end, in whatever pieces they arrive.
import { expect, test } from '@jest/globals';
import { BodySkipper, MAX_SKIPPED_BYTES } from './body-skipper';

function skip(length: number | 'chunked', pieces: readonly string[]) {
  const skipper = new BodySkipper(length);
  const rest = pieces.map((piece) => skipper.feed(Buffer.from(piece)).toString()).join('');
  return { state: skipper.state, rest };
}

test.each<[number | 'chunked', string[], { state: string; rest: string }]>([
  [0, ['next'], { state: 'done', rest: 'next' }],
  [4, ['ab', 'cdnext'], { state: 'done', rest: 'next' }],
  [4, ['ab'], { state: 'reading', rest: '' }],
  ['chunked', ['3\r\nabc\r\n0\r\n\r\nnext'], { state: 'done', rest: 'next' }],
  ['chunked', [...'a;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\nnext'], { state: 'done', rest: 'next' }],
  ['chunked', ['zz\r\n'], { state: 'bad', rest: '' }],
  ['chunked', ['\r\n'], { state: 'bad', rest: '' }],
  ['chunked', ['1\r\nab\r\n'], { state: 'bad', rest: '\n' }],
  ['chunked', ['000000001\r\na\r\n0\r\n\r\nnext'], { state: 'done', rest: 'next' }],
  ['chunked', [`${'1'.repeat(17)}\r\n`], { state: 'bad', rest: '' }],
  ['chunked', ['1 ;x\r\n'], { state: 'bad', rest: '' }],
  ['chunked', ['1\n'], { state: 'bad', rest: '' }],
  ['chunked', ['1;a\rb\r\n'], { state: 'bad', rest: '' }],
  ['chunked', [`1;${'x'.repeat(4000)}\r\na\r\n`.repeat(4), `1;${'x'.repeat(4000)}\r\n`], { state: 'bad', rest: '' }],
  ['chunked', [`1;${'x'.repeat(4000)}\r\na\r\n`.repeat(4), '0\r\n\r\n'], { state: 'done', rest: '' }],
  ['chunked', ['a'.repeat(5000)], { state: 'bad', rest: '' }],
  ['chunked', ['1\r\nabc'], { state: 'bad', rest: '' }],
  ['chunked', ['1\r\na', '\r', '\n0\r\n\r\nnext'], { state: 'done', rest: 'next' }],
  ['chunked', [`1;${'x'.repeat(4092)}\r\na\r\n0\r\n\r\n`], { state: 'done', rest: '' }],
  ['chunked', [`1;${'x'.repeat(4093)}\r\n`], { state: 'bad', rest: '' }],
  ['chunked', [`${`1;${'x'.repeat(78)}\r\na\r\n`.repeat(256)}0\r\n\r\n`], { state: 'done', rest: '' }],
  ['chunked', [`${`1;${'x'.repeat(78)}\r\na\r\n`.repeat(256)}1;${'x'.repeat(15)}\r\n`], { state: 'bad', rest: '' }],
  [
    'chunked',
    [`${`1;${'x'.repeat(78)}\r\na\r\n`.repeat(256)}0;${'x'.repeat(99)}\r\n\r\n`],
    { state: 'done', rest: '' },
  ],
  [MAX_SKIPPED_BYTES, [], { state: 'long', rest: '' }],
  ['chunked', [...'0\r\nA: b\r\n c\r\nD: e\r\n\r\nnext'], { state: 'done', rest: 'next' }],
  ['chunked', ['0\r\nA: b\r\n'], { state: 'reading', rest: '' }],
  ['chunked', ['0\r\nA b\r\n\r\n'], { state: 'bad', rest: '' }],
  ['chunked', ['0\r\n A: b\r\n\r\n'], { state: 'bad', rest: '' }],
  ['chunked', ['0\r\nA: \0\r\n\r\n'], { state: 'bad', rest: '' }],
  ['chunked', ['0\r\nA: b\n\nnext\r\n\r\n'], { state: 'done', rest: 'next\r\n\r\n' }],
  ['chunked', ['0\r\n\nnext\r\n\r\n'], { state: 'done', rest: 'next\r\n\r\n' }],
  ['chunked', [`0\r\nA: ${'x'.repeat(4089)}\r\n\r\nnext`], { state: 'done', rest: 'next' }],
  ['chunked', [`0\r\nA: ${'x'.repeat(4090)}\r\n\r\nnext`], { state: 'bad', rest: '' }],
])('a body of length %s in the pieces %.40j is skipped or refused', (length, pieces, outcome) => {
  expect(skip(length, pieces)).toEqual(outcome);
});

test('a chunked body without an end is not skipped forever', () => {
  const skipper = new BodySkipper('chunked');
  const chunk = Buffer.from(`1000\r\n${'x'.repeat(4096)}\r\n`);
  for (let i = 0; i < 100 && skipper.state === 'reading'; i += 1) skipper.feed(chunk);
  expect(skipper.state).toBe('long');
});
