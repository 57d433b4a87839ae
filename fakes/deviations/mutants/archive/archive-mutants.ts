// Broken archives, each in one way, at the archive wire.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ArchiveEntry, ArchiveJob, ArchiveWrapper } from '../../../archive/job';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { contentMutants } from './content-mutants';

const PAGES = /^checkpoint\/pages-\d+\.img$/;
const A_YEAR_NS = 365n * 24n * 3600n * 1_000_000_000n;
/** Bytes that every process has; what is beyond is what its program holds. */
const SMALL_PAGES = 512 * 1024;

const archive = (wrapper: ArchiveWrapper): Effects => ({ archive: wrapper });
/** Something done to the file once it is there. */
const afterwards = (change: (job: ArchiveJob) => Promise<unknown>): Effects =>
  archive(async (job, next) => {
    await next(job);
    await change(job);
  });
/** Other members. */
const members = (change: (entries: readonly ArchiveEntry[]) => readonly ArchiveEntry[]): Effects =>
  archive((job, next) => next({ ...job, entries: change(job.entries) }));
const eachMember = (fits: RegExp, change: (entry: ArchiveEntry) => ArchiveEntry) =>
  members((entries) => entries.map((entry) => (fits.test(entry.name) ? change(entry) : entry)));

function* zeros(size: number): Generator<Buffer> {
  const block = Buffer.alloc(64 * 1024);
  for (let left = size; left > 0; left -= block.length) yield block.subarray(0, left);
}

const bytesOf = ({ content }: ArchiveEntry) =>
  content === undefined ? Buffer.alloc(0) : Buffer.isBuffer(content) ? content : Buffer.concat([...content()]);

/** The first entry of a CRIU image: two magic numbers, a size, a message. */
function firstEntry(entry: ArchiveEntry): ArchiveEntry {
  const image = bytesOf(entry);
  const content = image.subarray(0, 12 + image.readUInt32LE(8));
  return { ...entry, content, size: content.length };
}

const stranger = (name: string): ArchiveEntry => ({ name, mode: 0o600, size: 1, content: Buffer.from('x') });

const table: DeviationTable = {
  'archive-missing': ['writes nothing and calls it a success', () => archive(async () => {})],
  'archive-elsewhere': [
    'writes beside the location',
    () => archive((job, next) => next({ ...job, location: `${job.location}.elsewhere` })),
  ],
  'archive-empty': ['leaves an empty file', () => afterwards(({ location }) => fs.truncate(location, 0))],
  'archive-truncated': [
    'leaves half of the archive',
    () => afterwards(async ({ location }) => fs.truncate(location, (await fs.stat(location)).size / 2)),
  ],
  'archive-gzipped': [
    'compresses the archive',
    () => afterwards(async ({ location }) => fs.writeFile(location, gzipSync(await fs.readFile(location)))),
  ],
  'archive-mode-0644': [
    'lets everybody read the archive',
    () => afterwards(({ location }) => fs.chmod(location, 0o644)),
  ],
  'archive-mode-kept': [
    'keeps the mode of a file that is there',
    () =>
      archive(async (job, next) => {
        const before = await fs.stat(job.location).catch(() => undefined);
        await next(job);
        if (before) await fs.chmod(job.location, before.mode & 0o777);
      }),
  ],
  'archive-tail-kept': [
    'writes over a file that is there without cutting it',
    () =>
      archive(async (job, next) => {
        const before = await fs.stat(job.location).catch(() => undefined);
        await next(job);
        const { size } = await fs.stat(job.location);
        if (before && before.size > size) await fs.appendFile(job.location, 'old tail');
      }),
  ],
  'archive-symlink-followed': [
    'writes through a link',
    () =>
      archive(async (job, next) =>
        next({ ...job, location: await fs.realpath(job.location).catch(() => job.location) }),
      ),
  ],
  'archive-readable-while-written': [
    'writes into a file that all may read',
    () =>
      archive(async (job, next) => {
        const draft = path.join(path.dirname(job.location), `draft-${randomBytes(4).toString('hex')}.tar`);
        await fs.writeFile(draft, '');
        await fs.chmod(draft, 0o644);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await fs.rm(draft);
        await next(job);
      }),
  ],
  'archive-absolute-name': [
    'has a member with an absolute name',
    () => members((entries) => [...entries, stranger('/etc/ckptest')]),
  ],
  'archive-parent-name': [
    'has a member outside of its folder',
    () => members((entries) => [...entries, stranger('../ckptest')]),
  ],
  'archive-duplicate-member': [
    'has a member twice',
    () => members((entries) => [...entries, ...entries.filter(({ name }) => name.endsWith('.dump')).slice(0, 1)]),
  ],
  'archive-from-the-future': [
    'gives the members of archives times that are to come',
    () =>
      archive((job, next) => {
        const checkpointedAt = String(BigInt(job.snapshot.checkpointedAt) + A_YEAR_NS);
        return next({ ...job, snapshot: { ...job.snapshot, checkpointedAt } });
      }),
  ],
  'archive-pages-blank': [
    'has only zeros for memory',
    () => eachMember(PAGES, (entry) => ({ ...entry, content: () => zeros(entry.size) })),
  ],
  'archive-without-children': ['leaves child processes out', () => eachMember(/^checkpoint\/pstree\.img$/, firstEntry)],
  'archive-without-large-memory': [
    'leaves out what a program holds',
    () =>
      eachMember(PAGES, (entry) =>
        entry.size <= SMALL_PAGES ? entry : { ...entry, size: SMALL_PAGES, content: () => zeros(SMALL_PAGES) },
      ),
  ],
};

export const archiveMutants = [...deviations('mutant', table), ...contentMutants];
