// Tests memory with any page size, memory that is not in the archive, and images that belong to no process.
import { expect, test } from '@jest/globals';
import { file, inspectionBench } from './testing/bench';
import { framed, imageOf, pagemapWith, withImages } from './testing/images';
import type { ArchiveChange, ArchivePart } from './testing/rebuild';

const { inspectParts } = inspectionBench();
const PE_PARENT = 1;
const PE_LAZY = 2;
const PE_PRESENT = 4;
const RANGE = {
  mm_start_code: 1,
  mm_end_code: 2,
  mm_start_data: 0,
  mm_end_data: 0,
  mm_start_stack: 0,
  mm_start_brk: 0,
};
const MM = { ...RANGE, mm_brk: 0, mm_arg_start: 0, mm_arg_end: 0, mm_env_start: 0, mm_env_end: 0, exe_file_id: 1 };

const sentencesOf = async (change: ArchiveChange) => (await inspectParts(change)).findings.map((one) => one.sentence);
const inTurn =
  (...changes: readonly ArchiveChange[]): ArchiveChange =>
  (parts) =>
    changes.reduce((changed, change) => change(changed), parts);
const stats =
  (dump: object): ArchiveChange =>
  (parts) =>
    parts.map((part) =>
      part.name === 'stats-dump'
        ? { ...part, content: imageOf('STATS_MAGIC', framed('stats_entry', { dump: dump as never })) }
        : part,
    );
const WRITTEN = {
  freezing_time: 1,
  frozen_time: 1,
  memdump_time: 1,
  memwrite_time: 1,
  pages_scanned: 9,
  pages_skipped_parent: 0,
};

test('pages of 64 KiB, as recorded in the auxiliary vector of the process', async () => {
  const LARGE = 65_536;
  const vector = [6, LARGE, 0, 0];
  const mm = imageOf('MM_MAGIC', framed('mm_entry', { ...MM, mm_saved_auxv: vector }));
  const pages = Buffer.alloc(3 * LARGE, 'x').fill(0, LARGE, 2 * LARGE);
  const { findings, sizes, processes } = await inspectParts(
    inTurn(
      withImages({
        'mm-1.img': mm,
        'mm-20.img': mm,
        'pages-1.img': pages,
        'pages-2.img': pages.subarray(0, LARGE),
        'pagemap-1.img': pagemapWith(1, { vaddr: LARGE, nr_pages: 3, flags: PE_PRESENT }),
        'pagemap-20.img': pagemapWith(2, { vaddr: LARGE, nr_pages: 1, flags: PE_PRESENT }),
      }),
      stats({ ...WRITTEN, pages_written: 4 }),
    ),
  );
  expect(findings).toEqual([]);
  expect(processes.map(({ memoryBytes }) => memoryBytes)).toEqual([3 * LARGE, LARGE]);
  expect(sizes).toMatchObject({ pages: 4, blankPages: 1, memory: 4 * LARGE });
});

test('images of a process that is not in the tree, and pages that no pagemap lists', async () => {
  const copied = (parts: ArchivePart[]) =>
    ['core', 'mm', 'fs'].flatMap((kind) =>
      parts
        .filter(({ name }) => name === `checkpoint/${kind}-1.img`)
        .map((part) => ({ ...part, name: `checkpoint/${kind}-33.img` })),
    );
  const change: ArchiveChange = (parts) => [
    ...parts,
    ...copied(parts),
    file('checkpoint/pages-9.img', { content: Buffer.alloc(4096, 'x') }),
  ];
  expect(await sentencesOf(change)).toEqual([
    'process 33 is not in pstree.img, but the archive has images of it, left from another checkpoint: core-33.img, mm-33.img, fs-33.img',
    'no pagemap lists the pages in checkpoint/pages-9.img',
    expect.stringContaining('stats-dump counts'),
  ]);
});

const withRegions = (flags: readonly number[]) =>
  inTurn(
    withImages({
      'pages-1.img': Buffer.alloc(0),
      'pagemap-1.img': pagemapWith(1, ...flags.map((flag, i) => ({ vaddr: 4096 * (i + 1), nr_pages: 1, flags: flag }))),
      'pages-2.img': Buffer.alloc(4096, 'x'),
      'pagemap-20.img': pagemapWith(2, { vaddr: 4096, nr_pages: 1, flags: PE_PRESENT }),
    }),
    stats({ ...WRITTEN, pages_written: 1 }),
  );
const IN_PARENT = '2 pages are in a parent checkpoint, which is not in this archive: it cannot be restored alone';

test('pages that are in a parent checkpoint', async () => {
  expect(await sentencesOf(withRegions([PE_PARENT, PE_PARENT]))).toEqual([IN_PARENT]);
});

test('a parent checkpoint inside the archive, and one elsewhere', async () => {
  const link = file('checkpoint/parent', { type: 'link', linkTarget: '../pre-checkpoint', content: Buffer.alloc(0) });
  const parent = file('pre-checkpoint/pages-1.img', { content: Buffer.alloc(4096, 'x') });
  const change = withRegions([PE_PARENT, PE_PARENT]);
  expect(await sentencesOf((parts) => [...change(parts), link])).toEqual([IN_PARENT]);
  expect(await sentencesOf((parts) => [...change(parts), link, parent])).toEqual([]);
});

test('lazy pages that were never written', async () => {
  expect(await sentencesOf(withRegions([PE_LAZY]))).toEqual([
    '1 pages were never written, because they were left for a later transfer: this archive cannot be restored alone',
  ]);
});

test('only a pre-checkpoint', async () => {
  const { findings, sizes } = await inspectParts((parts) =>
    parts
      .filter(({ name }) => /^checkpoint\/(pages|pagemap|inventory)/.test(name))
      .map((part) => ({ ...part, name: `pre-${part.name}` })),
  );
  expect(findings.map(({ sentence }) => sentence)).toEqual([
    'this is a pre-checkpoint: memory only, made to be followed by a checkpoint',
  ]);
  expect(sizes.pages).toBe(34);
});

test('an archive that tar made of the current directory', async () => {
  const { findings, container, processes } = await inspectParts((parts) => [
    { name: './', type: 'directory', mode: 0o700, content: Buffer.alloc(0) },
    ...parts.map((part) => ({ ...part, name: `./${part.name}` })),
  ]);
  expect(findings).toEqual([]);
  expect(container.name).toBe('counter');
  expect(processes).toHaveLength(2);
});
