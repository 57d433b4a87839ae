// The members of the archive: who unpacks it must not be led astray, whatever the contents are.
import { finding } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { group } from '../subject/spec';
import { expectRule } from './check-archive';

export const members = group('archive/members', { level: 'hardening', needs: ['checkpoint', 'files'] }, [
  {
    id: 'names-are-unique',
    title: 'No two members have the same name: tools would disagree about which of them counts',
    source: finding('archive-names'),
    mutants: { ...UNREADABLE, 'archive-duplicate-member': 'names' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/members/names-are-unique', 'every name once', location);
    },
  },
  {
    id: 'links-stay-inside',
    title: 'No link points outside of the archive: unpacking must not write through it',
    source: finding('archive-names'),
    mutants: { ...UNREADABLE, 'archive-outside-link': 'links' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/members/links-stay-inside', 'links to members of the archive', location);
    },
  },
  {
    id: 'times-are-past',
    title: 'No member was changed after the checkpoint: tools warn of such times, and copies by time go wrong',
    strength: 'should',
    source: finding('archive-times'),
    mutants: { ...UNREADABLE, 'archive-from-the-future': 'times' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/members/times-are-past', 'times of change that are past', location);
    },
  },
]);
