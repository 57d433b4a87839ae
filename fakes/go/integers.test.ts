// Tests which texts are integers for Go's strconv.ParseInt(s, 10, 64).
import { expect, test } from '@jest/globals';
import { parseInt64, wrapInt64 } from './integers';

test.each([
  ['0', 0n],
  ['-0', 0n],
  ['30', 30n],
  ['+5', 5n],
  ['-1', -1n],
  ['0010', 10n],
  ['9223372036854775807', 9223372036854775807n],
  ['-9223372036854775808', -9223372036854775808n],
  [`${'0'.repeat(5000)}7`, 7n],
])('%j is read as a number', (text, value) => {
  expect(parseInt64(text)).toBe(value);
});

test.each([
  '',
  ' 5',
  '5 ',
  '1.5',
  '1e3',
  '0x10',
  '1_000',
  'abc',
  '+',
  '--1',
  '٣',
  '5s',
  '9223372036854775808',
  '-9223372036854775809',
  '9'.repeat(100_000),
])('%.20j is not read as a number', (text) => {
  expect(parseInt64(text)).toBeUndefined();
});

test('arithmetic wraps around at 64 bits', () => {
  expect(wrapInt64(2n ** 63n)).toBe(-(2n ** 63n));
  expect(wrapInt64(2n ** 64n + 5n)).toBe(5n);
});
