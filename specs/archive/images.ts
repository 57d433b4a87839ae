// Rules about CRIU images, for runtimes that write them: the images are complete and consistent, as restore and tools
// require.
import { recordedArchives } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { group } from '../subject/spec';
import { expectRule } from './check-archive';

/** A shell with a child process that keeps running. */
const FAMILY = ['/bin/sh', '-c', 'while true; do sleep 1000; done'];

export const images = group(
  'archive/images',
  { level: 'observed', strength: 'should', needs: ['checkpoint', 'files'] },
  [
    {
      id: 'inventory-is-there',
      title: 'CRIU images include the inventory, which CRIU writes last when a dump is complete',
      source: recordedArchives('checkpoint/inventory.img'),
      mutants: { ...UNREADABLE, 'archive-without-inventory': 'inventory' },
      async check(subject) {
        const { location } = await anyArchive(subject);
        await expectRule('archive/images/inventory-is-there', 'checkpoint/inventory.img', location);
      },
    },
    {
      id: 'every-process-has-its-own',
      title:
        'Every process has images of its registers, memory, files and ids, and every thread has an image of its registers',
      source: recordedArchives('checkpoint/core-N.img'),
      mutants: { ...UNREADABLE, 'archive-without-registers': 'images' },
      async check(subject) {
        const { location } = await anyArchive(subject, { command: FAMILY });
        await expectRule('archive/images/every-process-has-its-own', 'the images of every process', location);
      },
    },
    {
      id: 'pages-are-as-listed',
      title: 'The archive contains as many pages of a process as its page map lists',
      source: recordedArchives('checkpoint/pagemap-N.img'),
      mutants: { ...UNREADABLE, 'archive-unlisted-page': 'pages' },
      async check(subject) {
        const { location } = await anyArchive(subject, { command: FAMILY });
        await expectRule('archive/images/pages-are-as-listed', 'as many pages as are listed', location);
      },
    },
    {
      id: 'descriptors-are-in-the-table',
      title: 'Every file descriptor of a process refers to an entry of the same type in the table of open files',
      source: recordedArchives('checkpoint/fdinfo-N.img'),
      mutants: { ...UNREADABLE, 'archive-dangling-descriptor': 'descriptors' },
      async check(subject) {
        const { location } = await anyArchive(subject, { command: FAMILY });
        await expectRule('archive/images/descriptors-are-in-the-table', 'entries of the same kind', location);
      },
    },
    {
      id: 'have-their-magic-numbers',
      title: 'Each image begins with the magic numbers of its type',
      source: recordedArchives('checkpoint/*.img'),
      mutants: { ...UNREADABLE, 'archive-wrong-magic': 'magic' },
      async check(subject) {
        const { location } = await anyArchive(subject);
        await expectRule('archive/images/have-their-magic-numbers', 'the magic numbers of every image', location);
      },
    },
  ],
);
