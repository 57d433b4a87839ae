// Tests which texts are durations for Go's time.ParseDuration.
import { expect, test } from '@jest/globals';
import { parseGoDuration } from './duration-text';

test.each([
  ['0', 0n],
  ['2m', 120_000_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['250ms', 250_000_000n],
  ['1.5s', 1_500_000_000n],
  ['.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['-1.5s', -1_500_000_000n],
  ['+3us', 3_000n],
  ['3µs', 3_000n],
  ['1m1s1ms', 61_001_000_000n],
  ['9223372036s', 9_223_372_036_000_000_000n],
])('the duration %s is parsed', (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds);
});

test.each(['', '5', '2 m', '1d', 's', '.s', '1e3s', '--1s', '1s ', '9223372037s', '9'.repeat(500)])(
  '%.20j is not a duration',
  (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  },
);
