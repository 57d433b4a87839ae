// Tests that a log keeps the latest entries within its limits.
import { expect, test } from '@jest/globals';
import { BoundedLog, sizeOf } from './bounded-log';

test('a log keeps at least the configured number of entries, and at most a tenth more', () => {
  const log = new BoundedLog<number>({ entries: 100, bytes: 1e9 });
  for (let n = 1; n <= 1000; n++) {
    log.add(n, 1);
    expect(log.entries.length).toBeGreaterThanOrEqual(Math.min(n, 100));
    expect(log.entries.length).toBeLessThanOrEqual(111);
    expect(log.entries.at(-1)).toBe(n);
  }
});

test('a log drops the oldest entries if all entries have too many bytes, but never the latest one', () => {
  const log = new BoundedLog<number>({ entries: 100, bytes: 1000 });
  for (let n = 1; n <= 50; n++) {
    log.add(n, 300);
    expect(log.entries.length).toBeLessThanOrEqual(3);
    expect(log.entries.at(-1)).toBe(n);
  }
  log.add(51, 5000);
  expect(log.entries).toEqual([51]);
});

test('bytes that are added later count, and those of dropped entries do not', () => {
  const log = new BoundedLog<string>({ entries: 100, bytes: 1000 });
  const [first] = [log.add('first', 10), log.add('second', 10)];
  first(2000);
  expect(log.entries).toEqual(['second']);
  first(2000);
  log.add('third', 10);
  expect(log.entries).toEqual(['second', 'third']);
  log.clear();
  expect(log.entries).toEqual([]);
});

test('the size of a message is about the size of its strings and buffers', () => {
  const message = {
    text: 'x'.repeat(5000),
    list: [{ bytes: Buffer.alloc(3000) }],
    labels: { [`k${'y'.repeat(999)}`]: '' },
  };
  expect(sizeOf(message)).toBeGreaterThan(9000);
  expect(sizeOf(message)).toBeLessThan(9200);
});
