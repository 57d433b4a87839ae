// Lists that are kept: the same answer until something changes, packed once it was asked for again and again.
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { packedIfThere, takingBytes } from '../grpc/encoded';
import { until } from '../testing/test-client';
import { RecentLists } from './recent-lists';

const bytesOf = takingBytes<object>(() => Buffer.from('not known'));

/** An answer of so many bytes, and how often one had to be made. */
function lists(size: number) {
  const made: number[] = [];
  const kept = new RecentLists<object>();
  const ask = (version: number, key: string | undefined) =>
    kept.answer(version, key, () => {
      made.push(version);
      return { list: {}, bytes: Buffer.alloc(size, version), summary: {} };
    });
  return { made, ask };
}

test('is made anew for another version, another key, and what is not to be kept', () => {
  const { made, ask } = lists(100_000);
  expect(ask(1, 'a')).toBe(ask(1, 'a'));
  expect(made).toEqual([1]);
  ask(1, 'b');
  ask(2, 'a');
  expect(bytesOf(ask(2, 'a'))[0]).toBe(2);
  ask(2, undefined);
  ask(2, undefined);
  expect(made).toEqual([1, 1, 2, 2, 2]);
});

test('a long one is packed beside other work, and holds the same', async () => {
  const { ask } = lists(100_000);
  const answer = ask(7, 'a');
  expect(packedIfThere(answer)).toBe(answer);
  await until(() => packedIfThere(ask(7, 'a')) !== answer);
  expect(gunzipSync(bytesOf(packedIfThere(answer)))).toEqual(Buffer.alloc(100_000, 7));
  expect(bytesOf(answer)).toHaveLength(100_000);
  expect(packedIfThere(ask(8, 'a'))).toBe(ask(8, 'a'));
});

test('a short one never is', async () => {
  const { ask } = lists(20_000);
  for (let n = 0; n < 20; n += 1) {
    expect(packedIfThere(ask(1, 'a'))).toBe(ask(1, 'a'));
    await new Promise((resolve) => setImmediate(resolve));
  }
});
