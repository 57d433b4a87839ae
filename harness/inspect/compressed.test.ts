// Compressed archives are read whatever their names are, and what cannot be read gets advice that works.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { inspectArchive } from './inspect-archive';
import type { Inspection } from './inspection';
import { file, inspectionBench } from './testing/bench';
import { bytesOf, partsOf } from './testing/rebuild';
import { zstdSkipped, zstdStored } from './testing/zstd';

const bench = inspectionBench();
let plain: Buffer;
let expected: Inspection;
beforeAll(async () => {
  plain = bytesOf(await partsOf('containerd-2.1.9'));
  expected = await bench.inspectBytes(plain);
});

/** What is the same for an archive, compressed or not. */
const contentOf = ({
  file: _file,
  compression: _compression,
  findings,
  sizes,
  findingCounts: _counts,
  ...rest
}: Inspection) => ({
  ...rest,
  sizes: { ...sizes, archive: 0 },
  findings: findings.filter(({ id }) => id !== 'inspect/compressed'),
});

const half = () => plain.length / 2;

describe('is read as the plain archive', () => {
  test.each<[string, string, () => Buffer]>([
    ['gzip', 'gzip', () => gzipSync(plain)],
    [
      'gzip in two parts',
      'gzip',
      () => Buffer.concat([gzipSync(plain.subarray(0, half())), gzipSync(plain.subarray(half()))]),
    ],
    ['zstd', 'zstd', () => zstdStored(plain)],
    [
      'zstd in two frames',
      'zstd',
      () => Buffer.concat([plain.subarray(0, half()), plain.subarray(half())].map(zstdStored)),
    ],
    [
      'zstd after a frame to be skipped',
      'zstd',
      () => Buffer.concat([zstdSkipped(Buffer.alloc(4)), zstdStored(plain)]),
    ],
  ])('%s', async (_title, compression, compress) => {
    const inspection = await bench.inspectBytes(compress());
    expect(inspection.compression).toBe(compression);
    expect(inspection.findings).toContainEqual(expect.objectContaining({ id: 'inspect/compressed', severity: 'note' }));
    expect(contentOf(inspection)).toEqual(contentOf(expected));
  });
});

test('the members of an archive may be in any order', async () => {
  const parts = await partsOf('containerd-2.1.9');
  const { findings } = await bench.inspectBytes(gzipSync(bytesOf(parts.reverse())));
  expect(findings.map(({ id }) => id)).toEqual(['inspect/compressed']);
});

test.each([
  ['gzip', () => gzipSync(plain).subarray(0, 5000)],
  ['zstd', () => zstdStored(plain).subarray(0, 200_000)],
])('%s that is cut ends in a sentence', async (name, compress) => {
  await expect(bench.inspectBytes(compress())).rejects.toThrow(new RegExp(`its ${name} data are damaged`));
});

test.each([
  ['xz', 'fd377a585a000004', /run `xz -dc < .*archive\.tar > .*archive\.tar\.plain`, and inspect that$/],
  ['bzip2', '425a6839314159', /`bzip2 -dc < /],
  ['lz4', '04224d186440', /`lz4 -dc < /],
])('%s is refused with a command', async (_title, head, sentence) => {
  await expect(bench.inspectBytes(Buffer.from(head.padEnd(2048, '0'), 'hex'))).rejects.toThrow(sentence);
});

test('the command of the advice works for a path with spaces', async () => {
  const path = bench.at("it's an archive.tar");
  await fs.writeFile(path, Buffer.from('fd377a585a000004', 'hex'), { mode: 0o600 });
  const refusal = await inspectArchive(path).catch(String);
  const [, command = ''] = /run `(.*)`/.exec(String(refusal)) ?? [];
  execFileSync('sh', ['-c', command.replace('xz -dc', 'cat')]);
  expect(await fs.readFile(`${path}.plain`)).toHaveLength(8);
});

test('small files that are too many to be kept end in a sentence with a command', async () => {
  const parts = await partsOf('containerd-2.1.9');
  const others = Array.from({ length: 70 }, (_, i) => file(`a${i}`, { content: Buffer.alloc(1_000_000) }));
  const bytes = gzipSync(bytesOf([...others, ...parts]), { level: 1 });
  await expect(bench.inspectBytes(bytes)).rejects.toThrow(/too many to inspect them compressed; run `gzip -dc < /);
});
