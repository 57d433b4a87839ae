// Tests that compressed archives are read whatever their names are, and that the error for an unreadable file gives
// advice that works.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { criu } from '../../proto/load';
import { inspectArchive, inspectStream } from './inspect-archive';
import type { Inspection } from './inspection';
import { file, inspectionBench } from './testing/bench';
import { imageWith } from './testing/images';
import { type ArchivePart, bytesOf, partsOf, withContent } from './testing/rebuild';
import { xzStored } from './testing/xz';
import { zstdSkipped, zstdStored } from './testing/zstd';

const bench = inspectionBench();
let plain: Buffer;
let expected: Inspection;
beforeAll(async () => {
  plain = bytesOf(await partsOf('containerd-2.1.9'));
  expected = await bench.inspectBytes(plain);
});

/** Returns the parts of an inspection that do not depend on compression. */
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
    ['xz', 'xz', () => xzStored(plain)],
    ['xz in two parts', 'xz', () => Buffer.concat([plain.subarray(0, half()), plain.subarray(half())].map(xzStored))],
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

/**
 * Returns the parts of an archive with a process whose variables are at the end of its memory. The memory is larger
 * than the part of a compressed archive that is kept.
 */
async function largeParts(): Promise<ArchivePart[]> {
  const parts = await partsOf('containerd-2.1.9');
  const before = criu('pagemap_entry').encode({ vaddr: 4096, nr_pages: 512, flags: 4 });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(before.length);
  const head = (pagemap: Buffer) => 12 + pagemap.readUInt32LE(8);
  const listed = withContent('checkpoint/pagemap-1.img', (pagemap) =>
    Buffer.concat([pagemap.subarray(0, head(pagemap)), size, before, pagemap.subarray(head(pagemap))]),
  );
  const pages = withContent('checkpoint/pages-1.img', (old) => Buffer.concat([Buffer.alloc(512 * 4096, 'x\0'), old]));
  return pages(listed(parts));
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

test('large memory is read in one pass, also from a pipe', async () => {
  const bytes = bytesOf(await largeParts());
  const whole = await bench.inspectBytes(bytes);
  expect(whole.processes[0]?.environmentNames).toContain('GREETING');
  expect(whole.sizes.pages).toBe(34 + 512);
  for (const sent of [bytes, gzipSync(bytes), zstdStored(bytes)]) {
    const inspection = await inspectStream(inPieces(sent), '-');
    expect(inspection.sizes.archive).toBe(sent.length);
    expect(contentOf(inspection)).toEqual(contentOf(whole));
  }
});

test('an image with large memory in a layer is read from a pipe', async () => {
  const layer = bytesOf(await largeParts());
  const expectedLayer = await bench.inspectBytes(layer);
  for (const sent of [imageWith(layer), imageWith(gzipSync(layer)), gzipSync(imageWith(layer))]) {
    const { containers, findings } = await inspectStream(inPieces(sent), '-');
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(containers.map(contentOf)).toEqual([contentOf(expectedLayer)]);
  }
});

test('what would have to be read twice is refused for a pipe', async () => {
  const parts = await largeParts();
  await expect(inspectStream(inPieces(bytesOf(parts.reverse())), '-')).rejects.toThrow(
    /^-: it would have to be read twice; write it to a file, and inspect that$/,
  );
});

test('the members of an archive may be in any order', async () => {
  const parts = await partsOf('containerd-2.1.9');
  const { findings } = await bench.inspectBytes(gzipSync(bytesOf(parts.reverse())));
  expect(findings.map(({ id }) => id)).toEqual(['inspect/compressed']);
});

test.each([
  ['gzip', () => gzipSync(plain).subarray(0, 5000)],
  ['zstd', () => zstdStored(plain).subarray(0, 200_000)],
  ['xz', () => xzStored(plain).subarray(0, 200_000)],
])('%s that is cut ends in a sentence', async (name, compress) => {
  await expect(bench.inspectBytes(compress())).rejects.toThrow(new RegExp(`its ${name} data are damaged`));
});

test.each([
  ['bzip2', '425a6839314159', /run `bzip2 -dc < .*archive\.tar > .*archive\.tar\.plain`, and inspect that$/],
  ['lz4', '04224d186440', /`lz4 -dc < /],
])('%s is refused with a command', async (_title, head, sentence) => {
  await expect(bench.inspectBytes(Buffer.from(head.padEnd(2048, '0'), 'hex'))).rejects.toThrow(sentence);
});

test('the command of the advice works for a path with spaces', async () => {
  const path = bench.at("it's an archive.tar");
  await fs.writeFile(path, Buffer.from('04224d1864400000', 'hex'), { mode: 0o600 });
  const refusal = await inspectArchive(path).catch(String);
  const [, command = ''] = /run `(.*)`/.exec(String(refusal)) ?? [];
  execFileSync('sh', ['-c', command.replace('lz4 -dc', 'cat')]);
  expect(await fs.readFile(`${path}.plain`)).toHaveLength(8);
});

test('small files that are too many to be kept end in a sentence with a command', async () => {
  const parts = await partsOf('containerd-2.1.9');
  const others = Array.from({ length: 70 }, (_, i) => file(`a${i}`, { content: Buffer.alloc(1_000_000) }));
  const bytes = gzipSync(bytesOf([...others, ...parts]), { level: 1 });
  await expect(bench.inspectBytes(bytes)).rejects.toThrow(/too many to inspect them compressed; run `gzip -dc < /);
});
