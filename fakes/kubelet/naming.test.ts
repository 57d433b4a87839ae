// Tests the file names of archives, and the times in these names.
import { expect, test } from '@jest/globals';
import { nanoseconds, rfc3339, rfc3339Nano } from '../go/time';
import { archiveName, checkpointsDirectory } from './naming';

const NOON = Date.UTC(2026, 10, 23, 12, 1, 7, 999);

test.each([
  [0, '2026-11-23T12:01:07Z'],
  [60, '2026-11-23T13:01:07+01:00'],
  [-210, '2026-11-23T08:31:07-03:30'],
  [345, '2026-11-23T17:46:07+05:45'],
  [840, '2026-11-24T02:01:07+14:00'],
])('the time zone %d minutes east of UTC is written as an offset', (offset, text) => {
  expect(rfc3339(NOON, offset)).toBe(text);
});

test('a fraction of a second has no trailing zeros', () => {
  expect(rfc3339Nano(nanoseconds(NOON + 0.5))).toBe('2026-11-23T12:01:07.9995Z');
  expect(rfc3339Nano(nanoseconds(Date.UTC(2026, 0, 1)))).toBe('2026-01-01T00:00:00Z');
});

test('an archive is named after the pod, the namespace, the container and the second', () => {
  expect(archiveName('web.v2-n', 'shop', 'app', NOON)).toBe(`checkpoint-web.v2-n_shop-app-${rfc3339(NOON)}.tar`);
});

test('all checkpoints are in one directory below the root directory', () => {
  expect(checkpointsDirectory('/var/lib/x/')).toBe('/var/lib/x/checkpoints');
});
