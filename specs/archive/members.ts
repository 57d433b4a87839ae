// Rules about the names, links and times of an archive's members: tools must be able to unpack the archive safely.
import { finding } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { group } from '../subject/spec';
import { expectRule } from './check-archive';

export const members = group('archive/members', { level: 'hardening', needs: ['checkpoint', 'files'] }, [
  {
    id: 'names-are-unique',
    title: 'All members have different names, because tools disagree about which duplicate is valid',
    source: finding('archive-names'),
    mutants: { ...UNREADABLE, 'archive-duplicate-member': 'names' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/members/names-are-unique', 'every name once', location);
    },
  },
  {
    id: 'links-stay-inside',
    title: 'No link points outside the archive, so unpacking writes nothing through a link',
    source: finding('archive-names'),
    mutants: { ...UNREADABLE, 'archive-outside-link': 'links' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/members/links-stay-inside', 'links to members of the archive', location);
    },
  },
  {
    id: 'directories-can-be-entered',
    title: 'The owner of an unpacked archive can enter its directories',
    strength: 'should',
    source: finding('closed-directory'),
    mutants: { ...UNREADABLE, 'archive-closed-directory': 'modes' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule(
        'archive/members/directories-can-be-entered',
        'directories that their owner can enter',
        location,
      );
    },
  },
  {
    id: 'times-are-past',
    title: 'No member has a modification time in the future, which tools warn about',
    strength: 'should',
    source: finding('archive-times'),
    mutants: { ...UNREADABLE, 'archive-from-the-future': 'times' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/members/times-are-past', 'times of change that are past', location);
    },
  },
]);
