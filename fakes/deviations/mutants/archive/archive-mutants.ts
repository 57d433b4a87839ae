// Defines runtimes that write a wrong archive file, write it to a wrong location, or write a wrong list of members.
import type { ArchiveEntry } from '../../../archive/job';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { type ArchiveEffectName, archiveEffect } from '../../effects/archive-effects';
import { changedMembers, eachMember, extraMember, memberBytes, memberWith } from '../../effects/archive-members';
import { contentMutants } from './content-mutants';
import { tarMutants } from './tar-mutants';

const PAGES = /^checkpoint\/pages-\d+\.img$/;
const A_YEAR_NS = 365n * 24n * 3600n * 1_000_000_000n;
/** Size of a process's memory, bytes, that is exceeded only if a program allocates memory on purpose. */
const SMALL_PAGES = 512 * 1024;
/** Size of the header of a CRIU image, bytes: two magic numbers, and the size of the first message. */
const IMAGE_HEADER = 12;
const SIZE_AT = 8;

const archive = (name: ArchiveEffectName) => (): Effects => ({ archive: archiveEffect(name) });

function* zeros(size: number): Generator<Buffer> {
  const block = Buffer.alloc(64 * 1024);
  for (let left = size; left > 0; left -= block.length) yield block.subarray(0, left);
}

/** Removes all but the first message of a CRIU image. */
function firstMessage(entry: ArchiveEntry): ArchiveEntry {
  const image = memberBytes(entry);
  return memberWith(entry, image.subarray(0, IMAGE_HEADER + image.readUInt32LE(SIZE_AT)));
}

const table: DeviationTable = {
  'archive-missing': ['Reports success without writing an archive', archive('missing')],
  'archive-elsewhere': ['Writes the archive under another name', archive('wrong-place')],
  'archive-empty': ['Writes an empty file', archive('empty')],
  'archive-truncated': ['Writes half of the archive', archive('truncated')],
  'archive-gzipped': ['Compresses the archive', archive('gzipped')],
  'archive-mode-0644': ['Lets every user read the archive', archive('wrong-mode')],
  'archive-mode-kept': ['Keeps the mode of a file that is already at the location', archive('mode-kept')],
  'archive-tail-kept': ['Does not truncate a longer file that is already at the location', archive('tail-kept')],
  'archive-owner-kept': ['Keeps the owner of a file that is already at the location', archive('owner-kept')],
  'archive-written-in-place': [
    'Writes into a file that is already at the location, and makes it private only afterwards',
    archive('written-in-place'),
  ],
  'archive-symlink-followed': ['Writes to the target of a symbolic link at the location', archive('link-followed')],
  'archive-dangling-link-followed': [
    'Creates the missing target of a symbolic link at the location',
    archive('dangling-link-followed'),
  ],
  'archive-draft-left-behind': ['Leaves a temporary file beside the archive', archive('draft-left-behind')],
  'archive-readable-while-written': ['Uses a temporary file that every user can read', archive('public-draft')],
  'archive-absolute-name': ['Adds a member with an absolute name', () => extraMember('/etc/ckptest')],
  'archive-parent-name': ['Adds a member outside the directory of the archive', () => extraMember('../ckptest')],
  'archive-duplicate-member': [
    'Writes a member twice',
    () =>
      changedMembers((entries) => [...entries, ...entries.filter(({ name }) => name.endsWith('.dump')).slice(0, 1)]),
  ],
  'archive-from-the-future': [
    'Gives members a modification time a year ahead',
    () => ({
      archive: (job, next) => {
        const checkpointedAt = String(BigInt(job.snapshot.checkpointedAt) + A_YEAR_NS);
        return next({ ...job, snapshot: { ...job.snapshot, checkpointedAt } });
      },
    }),
  ],
  'archive-closed-directory': [
    'Gives directories a mode that does not allow to enter them',
    () => eachMember(/\/$/, (entry) => ({ ...entry, mode: entry.mode & ~0o111 })),
  ],
  'archive-pages-blank': [
    'Writes zeros instead of the memory',
    () => eachMember(PAGES, (entry) => ({ ...entry, content: () => zeros(entry.size) })),
  ],
  'archive-without-children': [
    'Leaves out child processes',
    () => eachMember(/^checkpoint\/pstree\.img$/, firstMessage),
  ],
  'archive-without-large-memory': [
    'Leaves out memory that a program has allocated',
    () =>
      eachMember(PAGES, (entry) =>
        entry.size <= SMALL_PAGES ? entry : { ...entry, size: SMALL_PAGES, content: () => zeros(SMALL_PAGES) },
      ),
  ],
};

export const archiveMutants = [...deviations('mutant', table), ...contentMutants, ...tarMutants];
