// Tests that the table of the benchmark marks a missed goal, for upper and for lower limits.
import { expect, test } from '@jest/globals';
import { type BenchRow, reached, table } from './row';

const row = (other: Partial<BenchRow>): BenchRow => ({ what: 'thing', measured: 10, unit: 'ms', ...other });

test.each([
  [row({ goal: 10 }), true],
  [row({ goal: 9 }), false],
  [row({ goal: 10, atLeast: true }), true],
  [row({ goal: 11, atLeast: true }), false],
  [row({ goal: 1, measured: Number.NaN }), false],
  [row({}), undefined],
])('%j: %s', (given, expected) => expect(reached(given)).toBe(expected));

test('columns are aligned', () => {
  const rows = [row({ goal: 9 }), row({ what: 'another thing', measured: 123.4, goal: 100, atLeast: true })];
  expect(table([...rows, row({})])).toBe(
    [
      'thing               10.0 ms  at most 9 ms        MISSED',
      'another thing        123 ms  at least 100 ms     reached',
      'thing               10.0 ms',
      '',
    ].join('\n'),
  );
});
