// Headers of a tar: what is kept of them, and what cannot be read as other readers do not read it.
import { expect, test } from '@jest/globals';
import { sealHeader, tarHeader } from '../../fakes/archive/tar/tar-header';
import { extended, parseHeader } from './tar-scan';
import { inspectionBench } from './testing/bench';

const { inspectBytes } = inspectionBench();

test('of what header extensions say only what matters is kept', () => {
  const known = extended({ path: 'a', size: '1' }, 'x', Buffer.from('8 x=abc\n12 path=bcd\n8 size=\n'));
  expect(known).toEqual({ path: 'bcd', size: '1' });
});

test('what is unpacked is what is looked at: sizes are decimal, and pipes have no content', () => {
  const pipe = tarHeader({ name: 'x', type: 'file', mode: 0o600, size: 512, mtime: 0 });
  const parsed = (size?: string) => parseHeader(pipe, 0, size === undefined ? {} : { size }, 4096);
  for (const size of ['1e2', '0x10', '-1', ' 1', '1.0']) expect(() => parsed(size)).toThrow(/no number of bytes/);
  expect(parsed('100').entry.size).toBe(100);
  pipe.write('6', 156);
  expect(parseHeader(sealHeader(pipe), 0, {}, 4096).next).toBe(512);
});

test('header extensions without end are looked at up to a number', async () => {
  const extension = tarHeader({ name: 'x', type: 'pax', mode: 0o600, size: 0, mtime: 0 });
  const { findings } = await inspectBytes(Buffer.alloc(52_000_000, extension));
  expect(findings).toContainEqual(expect.objectContaining({ rule: 'tar/too-many-entries' }));
});
