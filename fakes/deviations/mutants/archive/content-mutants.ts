// Archives whose images or metadata are wrong, each in one way, at the archive wire.
import { criu } from '../../../../proto/load';
import type { ArchiveEntry } from '../../../archive/job';
import { type DeviationTable, deviations, type Effects } from '../../deviation';

const PAGE = 4096;
const CORE = /^checkpoint\/core-\d+\.img$/;
const PAGES = /^checkpoint\/pages-\d+\.img$/;

const bytesOf = ({ content }: ArchiveEntry) =>
  content === undefined ? Buffer.alloc(0) : Buffer.isBuffer(content) ? content : Buffer.concat([...content()]);
const holding = (entry: ArchiveEntry, content: Buffer): ArchiveEntry => ({ ...entry, content, size: content.length });

const members = (change: (entries: readonly ArchiveEntry[]) => readonly ArchiveEntry[]): Effects => ({
  archive: (job, next) => next({ ...job, entries: change(job.entries) }),
});
const without = (fits: (name: string, all: readonly ArchiveEntry[]) => boolean) =>
  members((entries) => entries.filter(({ name }) => !fits(name, entries)));
const oneMember = (fits: RegExp, change: (bytes: Buffer) => Buffer) =>
  members((entries) => {
    const found = entries.find(({ name }) => fits.test(name));
    return entries.map((entry) => (entry === found ? holding(entry, change(bytesOf(entry))) : entry));
  });

/** Other values for members of the JSON of a file. */
const noted = (file: string, change: (value: Record<string, unknown>) => Record<string, unknown>) =>
  oneMember(new RegExp(`^${file.replace('.', '\\.')}$`), (bytes) => {
    const value: Record<string, unknown> = JSON.parse(bytes.toString());
    return Buffer.from(JSON.stringify({ ...value, ...change(value) }));
  });

function wrongMagic(image: Buffer): Buffer {
  const bytes = Buffer.from(image);
  bytes.writeUInt32LE(0xdeadbeef, 4);
  return bytes;
}

/** Ids of open files count from 1: no container has so many. */
const NO_FILE = 0xffff;

function withDangling(image: Buffer): Buffer {
  const message = criu('fdinfo_entry').encode({ id: NO_FILE, flags: 0, type: 'REG', fd: 99 });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(message.length);
  return Buffer.concat([image, size, message]);
}

/** The time of the first checkpoint of each container, for all that come after it. */
function timeOfTheFirst(): Effects {
  const first = new Map<string, unknown>();
  return noted('config.dump', ({ id, checkpointedTime }) => {
    const key = String(id);
    if (!first.has(key)) first.set(key, checkpointedTime);
    return { checkpointedTime: first.get(key) };
  });
}

const table: DeviationTable = {
  'archive-without-inventory': [
    'leaves the inventory out',
    () => without((name) => name === 'checkpoint/inventory.img'),
  ],
  'archive-without-registers': [
    'leaves out the registers of the last process',
    () => without((name, all) => name === all.findLast((entry) => CORE.test(entry.name))?.name),
  ],
  'archive-unlisted-page': [
    'has a page that no page map lists',
    () => oneMember(PAGES, (pages) => Buffer.concat([pages, Buffer.alloc(PAGE, 0x5a)])),
  ],
  'archive-dangling-descriptor': [
    'has a descriptor that leads to no open file',
    () => oneMember(/^checkpoint\/fdinfo-\d+\.img$/, withDangling),
  ],
  'archive-wrong-magic': ['has an image of no known kind', () => oneMember(/^checkpoint\/fs-\d+\.img$/, wrongMagic)],
  'archive-without-metadata': [
    'leaves out what it noted beside the images',
    () => without((name) => name === 'config.dump' || name === 'spec.dump'),
  ],
  'archive-of-another-container': [
    'notes the id of another container',
    () => noted('config.dump', () => ({ id: '0'.repeat(64) })),
  ],
  'archive-before-its-container': [
    'says that the container was created later than the checkpoint',
    () => noted('config.dump', () => ({ createdTime: '2100-01-01T00:00:00Z' })),
  ],
  'archive-time-of-the-first': ['notes the time of the first checkpoint for every later one', timeOfTheFirst],
  'archive-of-another-command': [
    'notes another command than the container was given',
    () => noted('spec.dump', ({ process }) => ({ process: { ...Object(process), args: ['true'] } })),
  ],
};

export const contentMutants = deviations('mutant', table);
