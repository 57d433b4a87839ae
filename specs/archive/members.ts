// The members of the archive: who unpacks it must not be led astray, whatever the contents are.
import path from 'node:path';
import { openArchive } from '../archive-file/reader';
import { finding } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { expectThat } from '../subject/expect';
import { group } from '../subject/spec';

/** Clocks of the target and of this machine may differ by this much, seconds. */
const SLACK_SECONDS = 24 * 3600;

/** Whether a link of this name leads out of the directory in which it is unpacked; a hard link names a member. */
function leadsOutside(name: string, type: string, target: string): boolean {
  const from = type === '1' ? '' : path.posix.dirname(name);
  return target.startsWith('/') || path.posix.normalize(path.posix.join(from, target)).split('/')[0] === '..';
}

export const members = group('archive/members', { level: 'hardening', needs: ['checkpoint', 'files'] }, [
  {
    id: 'names-are-unique',
    title: 'No two members have the same name: tools would disagree about which of them counts',
    source: finding('archive-names'),
    mutants: { ...UNREADABLE, 'archive-duplicate-member': 'names' },
    async check(subject) {
      const { members: found } = await openArchive((await anyArchive(subject)).location);
      const names = found.map(({ name }) => path.posix.normalize(name).replace(/\/$/, ''));
      const twice = names.filter((name, i) => names.indexOf(name) !== i);
      expectThat('names', twice.length === 0, 'every name once', twice.join(', '));
    },
  },
  {
    id: 'links-stay-inside',
    title: 'No link points outside of the archive: unpacking must not write through it',
    source: finding('archive-names'),
    mutants: { ...UNREADABLE, 'archive-outside-link': 'links' },
    async check(subject) {
      const { members: found } = await openArchive((await anyArchive(subject)).location);
      const outside = found.filter(({ name, type, linkTarget }) => linkTarget && leadsOutside(name, type, linkTarget));
      const shown = outside.map(({ name, linkTarget }) => `${name} -> ${linkTarget}`).join(', ');
      expectThat('links', outside.length === 0, 'links to what is in the archive', shown);
    },
  },
  {
    id: 'times-are-past',
    title: 'No member was changed after the checkpoint: tools warn of such times, and copies by time go wrong',
    strength: 'should',
    source: finding('archive-times'),
    mutants: { ...UNREADABLE, 'archive-from-the-future': 'times' },
    async check(subject) {
      const { members: found } = await openArchive((await anyArchive(subject)).location);
      const latest = Date.now() / 1000 + SLACK_SECONDS;
      const late = found.filter(({ mtime }) => mtime > latest).map(({ name }) => name);
      expectThat('times', late.length === 0, 'times of change that are past', `later ones of ${late.join(', ')}`);
    },
  },
]);
