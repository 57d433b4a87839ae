// CRIU images, where a runtime writes them: complete, and in agreement with each other, as restore and tools need them.

import { readImage } from '../archive-file/criu-image';
import { MAGIC_NUMBERS } from '../archive-file/criu-magic';
import { type Archive, openArchive } from '../archive-file/reader';
import { recordedArchives } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { Subject } from '../subject/subject';

/** CRIU's state of a process that has ended. */
const DEAD = 2;

/** Has a child that is there to stay. */
const FAMILY = ['/bin/sh', '-c', 'sleep 1000; true'];

async function archiveOf(subject: Subject, command?: readonly string[]): Promise<Archive> {
  const archive = await openArchive((await anyArchive(subject, command ? { command } : {})).location);
  archive.images();
  return archive;
}

/** Whether a process has ended and only waits for its parent to ask about it: CRIU writes no more than its registers. */
async function hasEnded(archive: Archive, pid: number): Promise<boolean> {
  const name = `checkpoint/core-${pid}.img`;
  const [core] = archive.member(name) ? readImage('core_entry', await archive.read(name), 1) : [];
  return core?.tc?.task_state === DEAD;
}

export const images = group(
  'archive/images',
  { level: 'observed', strength: 'should', needs: ['checkpoint', 'files'] },
  [
    {
      id: 'inventory-is-there',
      title: 'Among CRIU images is the inventory, by which restore and tests know that a dump is complete',
      source: recordedArchives('checkpoint/inventory.img'),
      mutants: { ...UNREADABLE, 'archive-without-inventory': 'inventory' },
      async check(subject) {
        const archive = await archiveOf(subject);
        const found = archive.images(/^checkpoint\/inventory\.img$/);
        expectThat('inventory', found.length === 1, 'one checkpoint/inventory.img', `${found.length} of them`);
      },
    },
    {
      id: 'every-process-has-its-own',
      title: 'Every process of the tree has images of its registers, memory, files and ids; threads have registers',
      source: recordedArchives('checkpoint/core-N.img'),
      mutants: { ...UNREADABLE, 'archive-without-registers': 'images' },
      async check(subject) {
        const archive = await archiveOf(subject, FAMILY);
        const missing: string[] = [];
        for (const { pid, threads } of await archive.processes()) {
          const kinds = (await hasEnded(archive, pid)) ? [] : ['mm', 'pagemap', 'fs', 'ids'];
          const own = kinds.map((kind) => `checkpoint/${kind}-${pid}.img`);
          const registers = [pid, ...threads].map((id) => `checkpoint/core-${id}.img`);
          missing.push(...[...own, ...registers].filter((name) => !archive.member(name)));
        }
        expectThat('images', missing.length === 0, 'the images of every process', `none of ${missing.join(', ')}`);
      },
    },
    {
      id: 'pages-are-as-listed',
      title: 'The pages that a process has in the archive are as many as its page map lists',
      source: recordedArchives('checkpoint/pagemap-N.img'),
      mutants: { ...UNREADABLE, 'archive-unlisted-page': 'pages' },
      async check(subject) {
        const archive = await archiveOf(subject, FAMILY);
        for (const { pid } of await archive.processes()) {
          if (await hasEnded(archive, pid)) continue;
          const { name, listedBytes } = await archive.pagesOf(pid);
          const size = archive.member(name)?.size;
          expectThat('pages', size === listedBytes, `${listedBytes} bytes in ${name}`, `${size ?? 'no'} bytes`);
        }
      },
    },
    {
      id: 'descriptors-are-in-the-table',
      title: 'Every file descriptor of a process leads to an entry of its kind in the table of open files',
      source: recordedArchives('checkpoint/fdinfo-N.img'),
      mutants: { ...UNREADABLE, 'archive-dangling-descriptor': 'descriptors' },
      async check(subject) {
        const archive = await archiveOf(subject, FAMILY);
        const files = await archive.openFiles();
        const dangling: string[] = [];
        for (const { pid } of await archive.processes()) {
          if (await hasEnded(archive, pid)) continue;
          for (const { fd, id, type } of await archive.descriptors(pid)) {
            if (files.get(id) !== type) dangling.push(`${fd} of process ${pid} to ${type} ${id}`);
          }
        }
        expectThat('descriptors', dangling.length === 0, 'entries of the same kind', `none for ${dangling.join(', ')}`);
      },
    },
    {
      id: 'have-their-magic-numbers',
      title: 'Images begin with the magic numbers of their kind',
      source: recordedArchives('checkpoint/*.img'),
      mutants: { ...UNREADABLE, 'archive-wrong-magic': 'magic' },
      async check(subject) {
        const archive = await archiveOf(subject);
        for (const { name } of archive.images()) {
          const [, words] = MAGIC_NUMBERS.find(([fits]) => fits.test(name)) ?? [];
          if (!words) continue;
          const begin = (await archive.read(name, 4 * words.length)).toString('hex');
          const wanted = words.map(littleEndian).join('');
          expectThat('magic', begin === wanted, `${name} to begin with ${wanted}`, begin);
        }
      },
    },
  ],
);

/** The bytes of a word as they stand in a file. */
function littleEndian(word: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(word);
  return bytes.toString('hex');
}
