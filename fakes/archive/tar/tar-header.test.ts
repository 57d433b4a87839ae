// Tests that the package `tar` can read the headers, and that they are the same as in the recorded archive.

import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { Header, Parser } from 'tar';
import { readTar } from '../testing/read-tar';
import { tarHeader } from './tar-header';

const file = { type: 'file', mode: 0o640, size: 0, mtime: 1795434856 } as const;
const end = Buffer.alloc(1024);

it('the headers have the same bytes as in the recorded archive', () => {
  const recorded = fs.readFileSync(path.join(__dirname, '../testdata/containerd-2.1.9-counter.tar'));
  const header = tarHeader({ name: 'checkpoint/', type: 'directory', mode: 0o700, size: 0, mtime: 1795434856 });
  expect(header.equals(recorded.subarray(0, 512))).toBe(true);
  const image = { ...file, name: 'checkpoint/cgroup.img', mode: 0o644, size: 4330 };
  expect(tarHeader(image).equals(recorded.subarray(512, 1024))).toBe(true);
});

it.each([
  'short',
  'n'.repeat(100),
  `${'d'.repeat(90)}/${'n'.repeat(100)}`,
  `${'d'.repeat(155)}/${'n'.repeat(100)}`,
  'n'.repeat(101),
  `${'d'.repeat(156)}/${'n'.repeat(100)}`,
  `${'long/'.repeat(400)}name`,
  'grün/茶',
  `${'d'.repeat(120)}/`,
])('the name %s is written and read', async (name) => {
  const [member] = await readTar(
    Buffer.concat([tarHeader({ ...file, name, type: name.endsWith('/') ? 'directory' : 'file' }), end]),
  );
  expect(member).toMatchObject({ name, mode: 0o640, mtime: 1795434856 });
});

it.each([8 * 2 ** 30 - 1, 8 * 2 ** 30, 2 ** 42])('the size %d is written and read', async (size) => {
  const seen: number[] = [];
  const parser = new Parser({ onReadEntry: (entry) => seen.push(entry.size) });
  parser.write(tarHeader({ ...file, name: 'pages', size }));
  expect(seen).toEqual([size]);
});

it('links and devices are written and read', () => {
  const link = new Header(tarHeader({ ...file, name: './fd', type: 'link', linkTarget: '/proc/self/fd' }));
  expect(link).toMatchObject({ type: 'SymbolicLink', linkpath: '/proc/self/fd', cksumValid: true });
  const device = new Header(tarHeader({ ...file, name: './null', type: 'device', device: [1, 3] }));
  expect(device).toMatchObject({ type: 'CharacterDevice', devmaj: 1, devmin: 3, cksumValid: true });
});
