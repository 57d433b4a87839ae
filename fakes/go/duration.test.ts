// Tests how durations are parsed into nanoseconds of 64 bits, and formatted for the header grpc-timeout, which has at
// most eight digits.
import { expect, test } from '@jest/globals';
import { grpcTimeout, millisecondsOf, nanosecondsOf } from './duration';

test.each([
  [1n, 1_000_000_000n],
  [9223372036n, 9223372036_000_000_000n],
  // From this value on, the product needs more than 63 bits.
  [9223372037n, 9223372037_000_000_000n - 2n ** 64n],
  [9223372036854775807n, -1_000_000_000n],
  [18446744074n, 290_448_384n],
])('%d seconds are %d ns', (seconds, nanoseconds) => {
  expect(nanosecondsOf(seconds)).toBe(nanoseconds);
});

test.each([
  [0n, '0n'],
  [-1n, '0n'],
  [1_000n, '1000n'],
  [120_000_000_000n, '120000m'],
  [99_999_999n, '99999999n'],
  [100_000_000n, '100000u'],
  [9223372036_000_000_000n, '2562048H'],
])('%d ns are written as %s', (nanoseconds, text) => {
  expect(grpcTimeout(nanoseconds)).toBe(text);
});

test('milliseconds keep their fraction', () => {
  expect(millisecondsOf(1_500_000n)).toBe(1.5);
});
