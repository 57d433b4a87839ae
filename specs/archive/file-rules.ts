// Rules about the archive file and its members that do not depend on the contents of the members.
import path from 'node:path';
import type { ArchiveRule } from './archive-rule';
import { linksOutside } from './links';

/** Tolerated difference between the clocks of the target and of this machine, seconds. */
const SLACK_SECONDS = 24 * 3600;

/** The type of a directory in a tar header. */
const DIRECTORY = '5';
/** The owner's execute bit, which is needed to use the contents of a directory. */
const ENTER = 0o100;
const octal = (mode: number) => mode.toString(8).padStart(4, '0');

/** Returns why the permission bits of an archive are wrong; undefined if only the owner can access it. */
export const accessFlaw = (mode: number): string | undefined =>
  (mode & 0o077) === 0
    ? undefined
    : `The archive has the mode ${octal(mode & 0o777)}, so others can read the memory in it`;

export const FILE_RULES = [
  {
    id: 'archive/format/is-a-plain-tar',
    label: 'archive',
    check: ({ defects }) => defects.filter(({ kind }) => kind !== 'limit'),
  },
  {
    id: 'archive/format/is-for-its-owner-only',
    label: 'mode',
    check({ source: { mode = 0 } }) {
      const sentence = accessFlaw(mode);
      return sentence === undefined ? [] : [{ sentence }];
    },
  },
  {
    id: 'archive/format/names-stay-inside',
    label: 'names',
    *check({ members }) {
      for (const { name: member } of members) {
        if (member.startsWith('/')) yield { sentence: `the name ${member} is absolute`, member };
        if (member.split('/').includes('..'))
          yield { sentence: `the name ${member} leads out of the directory of unpacking`, member };
      }
    },
  },
  {
    id: 'archive/members/names-are-unique',
    label: 'names',
    *check({ members }) {
      const seen = new Set<string>();
      for (const { path: name, name: member } of members) {
        const key = path.posix.normalize(name).replace(/\/$/, '');
        if (seen.has(key)) yield { sentence: `${member} is in the archive twice`, member };
        seen.add(key);
      }
    },
  },
  {
    id: 'archive/members/links-stay-inside',
    label: 'links',
    *check({ members }) {
      for (const { name: member, linkTarget } of linksOutside(members))
        yield { sentence: `${member} is a link to ${linkTarget}, outside of the archive`, member };
    },
  },
  {
    id: 'archive/members/directories-can-be-entered',
    label: 'modes',
    *check({ members }) {
      for (const { name: member, mode, type } of members)
        if (type === DIRECTORY && (mode & ENTER) === 0)
          yield {
            sentence: `the mode of ${member} is ${octal(mode)}: after unpacking, only root can read what is in it`,
            member,
          };
    },
  },
  {
    id: 'archive/members/times-are-past',
    label: 'times',
    *check({ members }) {
      const latest = Date.now() / 1000 + SLACK_SECONDS;
      for (const { name: member, mtime } of members)
        if (mtime > latest) yield { sentence: `the time of ${member} is in the future`, member };
    },
  },
] as const satisfies readonly ArchiveRule[];
