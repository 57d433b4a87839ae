// Tests that JSON from an untrusted source is refused before it is parsed if parsing would need much memory.
import { expect, test } from '@jest/globals';
import { parseJson } from './json';

test.each<[string, string, RegExp]>([
  ['a large text', `"${'x'.repeat(5_000_000)}"`, /^it has 5000002 bytes, but metadata has at most 4194304$/],
  ['many lists', '['.repeat(300_000) + ']'.repeat(300_000), /^it has more than 200000 values$/],
  ['many numbers', `[${'0,'.repeat(300_000)}0]`, /^it has more than 200000 values$/],
  ['many keys', `{${'"":0,'.repeat(300_000)}"":0}`, /^it has more than 200000 values$/],
  ['no JSON', '{', /^it is not JSON$/],
])('%s is refused', (_title, text, message) => {
  expect(() => parseJson(Buffer.from(text))).toThrow(message);
});

test('the JSON of runtimes is parsed', () => {
  const list = Array.from({ length: 100_000 }, (_, i) => `/path/${i}`);
  expect(parseJson(Buffer.from(JSON.stringify(list)))).toEqual(list);
  const deep = 100_000;
  expect(parseJson(Buffer.from('['.repeat(deep) + ']'.repeat(deep)))).toHaveLength(1);
});
