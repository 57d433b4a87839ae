// Tests what `inspect` shows of processes and their memory, and that other data are not mistaken for variables.
import { describe, expect, test } from '@jest/globals';
import { criu } from '../../proto/load';
import { file, inspectionBench } from './testing/bench';
import { pagemapWith } from './testing/images';
import { withContent } from './testing/rebuild';

const { inspectParts, idsOf } = inspectionBench();

/** Encodes a message in the form in which images contain it. */
function framed(message: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(message.length);
  return Buffer.concat([size, message]);
}

/** Returns the magic numbers at the beginning of an image. */
const magic = (content: Buffer) => content.subarray(0, 8);

test('a process that has ended and was not reaped needs only a core image', async () => {
  const pstree = criu('pstree_entry').encode({ pid: 33, ppid: 1, pgid: 1, sid: 1, threads: [33] });
  const core = criu('core_entry').encode({ mtype: 'X86_64', tc: { task_state: 2, exit_code: 0, comm: 'ended' } });
  const inspection = await inspectParts((parts) =>
    withContent('checkpoint/pstree.img', (content) => Buffer.concat([content, framed(pstree)]))([
      ...parts,
      ...parts
        .filter(({ name }) => name === 'checkpoint/core-1.img')
        .map((part) => file('checkpoint/core-33.img', { content: Buffer.concat([magic(part.content), framed(core)]) })),
    ]),
  );
  expect(inspection.findings).toEqual([]);
  expect(inspection.processes).toContainEqual(expect.objectContaining({ pid: 33, parentPid: 1, name: 'ended' }));
});

test('pages of shared memory are counted separately', async () => {
  const shared = file('checkpoint/pages-3.img', { content: Buffer.alloc(2 * 4096, 'x') });
  const listed = file('checkpoint/pagemap-shmem-3.img', {
    content: pagemapWith(3, { vaddr: 0, nr_pages: 2, flags: 4 }),
  });
  const dump = { pages_written: 34, shpages_written: 2 };
  const counted = withContent('stats-dump', (old) =>
    Buffer.concat([magic(old), framed(criu('stats_entry').encode({ dump }))]),
  );
  expect(await idsOf((parts) => counted([...parts, shared, listed]))).toEqual([]);
});

describe('a part of a value is not mistaken for a name', () => {
  const PAGE = 4096;
  /** Two pages of memory whose variables begin after the first word and continue on the second page. */
  const memory = `argument\0FIRST=${'x'.repeat(PAGE)}c2VjcmV0==\0SECOND=y\0`.padEnd(2 * PAGE, '\0');
  const environmentNames = async (present: readonly boolean[], pages: string) => {
    const listed = present.map((is, n) =>
      framed(criu('pagemap_entry').encode({ vaddr: PAGE * (n + 1), nr_pages: 1, flags: is ? 4 : 1 })),
    );
    const range = { mm_env_start: PAGE + 9, mm_env_end: 3 * PAGE };
    const changes = [
      withContent('checkpoint/pages-1.img', () => Buffer.from(pages)),
      withContent('checkpoint/mm-1.img', (old) => Buffer.concat([magic(old), framed(criu('mm_entry').encode(range))])),
      withContent('checkpoint/pagemap-1.img', (old) =>
        Buffer.concat([magic(old), framed(criu('pagemap_head').encode({ pages_id: 1 })), ...listed]),
      ),
    ];
    const { processes } = await inspectParts((parts) => changes.reduce((changed, change) => change(changed), parts));
    return [...new Set(processes[0]?.environmentNames)];
  };

  test.each<[string, readonly boolean[], string, string[]]>([
    ['all pages', [true, true], memory, ['FIRST', 'SECOND', '(not a name)']],
    ['without the first page', [false, true], memory.slice(PAGE), []],
    ['without the second page', [true, false], memory.slice(0, PAGE), []],
    ['with fewer pages than are listed', [true, true], memory.slice(PAGE), []],
    ['with a page too many', [true, true, true], memory.slice(PAGE) + memory, []],
  ])('%s', async (_title, present, pages, names) => {
    expect(await environmentNames(present, pages)).toEqual(names);
  });
});
