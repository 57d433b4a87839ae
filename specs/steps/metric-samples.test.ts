// Tests that samples are found by name and labels.
import { expect, test } from '@jest/globals';
import { samplesIn } from './metric-samples';

const TEXT = `# HELP a_total Things.
# TYPE a_total counter
a_total{kind="x",path="a\\"}b"} 2
a_total{kind="y"} 3 1700000000000
a_total_other{kind="x"} 7
b 1.5e+01
`;

test('samples are added up by name and labels', () => {
  const samples = samplesIn(TEXT);
  expect(samples.sum('a_total', {})).toBe(5);
  expect(samples.sum('a_total', { kind: 'x' })).toBe(2);
  expect(samples.sum('a_total', { path: 'a\\"}b' })).toBe(2);
  expect(samples.sum('a_total', { kind: 'z' })).toBe(0);
  expect(samples.sum('b', {})).toBe(15);
});
