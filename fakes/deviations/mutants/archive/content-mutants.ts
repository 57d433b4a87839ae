// Defines runtimes whose archives have wrong CRIU images or metadata.
import { criu } from '../../../../proto/load';
import type { ArchiveEntry, ArchiveJob } from '../../../archive/job';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { firstMember, jsonMember, withoutMembers } from '../../effects/archive-members';
import { lasting } from '../runtime/lasting';

const PAGE = 4096;
const CORE = /^checkpoint\/core-\d+\.img$/;
const PAGES = /^checkpoint\/pages-\d+\.img$/;

function wrongMagic(image: Buffer): Buffer {
  const bytes = Buffer.from(image);
  bytes.writeUInt32LE(0xdeadbeef, 4);
  return bytes;
}

/** An id that no open file has, because ids start at 1 and no container has this many files. */
const NO_FILE = 0xffff;

function withDanglingDescriptor(image: Buffer): Buffer {
  const message = criu('fdinfo_entry').encode({ id: NO_FILE, flags: 0, type: 'REG', fd: 99 });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(message.length);
  return Buffer.concat([image, size, message]);
}

/** Makes effects that write the time of a container's first checkpoint into all later checkpoints. */
function timeOfTheFirst(): Effects {
  const first = new Map<string, unknown>();
  return jsonMember('config.dump', ({ id, checkpointedTime }) => {
    const key = String(id);
    if (!first.has(key)) first.set(key, checkpointedTime);
    return { checkpointedTime: first.get(key) };
  });
}

/** Matches the names of images of one process, with the process's id. */
const OF_A_PROCESS = /^checkpoint\/(?:core|mm|pagemap|fs|ids)-\d+\.img$/;

/** Makes effects that add images of processes that have ended, from an earlier archive of the same container. */
function withEndedProcesses(): Effects {
  const earlier = new Map<string, readonly ArchiveEntry[]>();
  return {
    archive: (job, next) => {
      const key = job.snapshot.containerId;
      const names = new Set(job.entries.map(({ name }) => name));
      const ended = (earlier.get(key) ?? []).filter(({ name }) => OF_A_PROCESS.test(name) && !names.has(name));
      earlier.set(key, job.entries);
      return next({ ...job, entries: [...job.entries, ...ended] });
    },
  };
}

/**
 * Makes effects that replace some members of an archive. The new members come from another container in the same
 * sandbox that is being checkpointed at the same time.
 */
function fromNeighbor(members: RegExp): Effects {
  const inProgress = new Map<string, ArchiveJob>();
  return {
    archive: async (job, next) => {
      const { sandboxId, containerId } = job.snapshot;
      const other = inProgress.get(sandboxId);
      if (other) {
        const replacement = (name: string) =>
          other.snapshot.containerId !== containerId && members.test(name)
            ? other.entries.find((entry) => entry.name === name)
            : undefined;
        return next({ ...job, entries: job.entries.map((entry) => replacement(entry.name) ?? entry) });
      }
      inProgress.set(sandboxId, job);
      await lasting(next(job), job).finally(() => inProgress.delete(sandboxId));
    },
  };
}

const table: DeviationTable = {
  'archive-without-inventory': [
    'Leaves out the inventory',
    () => withoutMembers((name) => name === 'checkpoint/inventory.img'),
  ],
  'archive-without-registers': [
    'Leaves out the registers of the last process',
    () => withoutMembers((name, all) => name === all.findLast((entry) => CORE.test(entry.name))?.name),
  ],
  'archive-unlisted-page': [
    'Adds a page of memory that no page map lists',
    () => firstMember(PAGES, (pages) => Buffer.concat([pages, Buffer.alloc(PAGE, 0x5a)])),
  ],
  'archive-dangling-descriptor': [
    'Adds a file descriptor without an open file',
    () => firstMember(/^checkpoint\/fdinfo-\d+\.img$/, withDanglingDescriptor),
  ],
  'archive-wrong-magic': [
    'Writes an image with an unknown magic number',
    () => firstMember(/^checkpoint\/fs-\d+\.img$/, wrongMagic),
  ],
  'archive-without-metadata': [
    'Leaves out config.dump and spec.dump',
    () => withoutMembers((name) => name === 'config.dump' || name === 'spec.dump'),
  ],
  'archive-of-another-container': [
    'Writes the id of another container into config.dump',
    () => jsonMember('config.dump', () => ({ id: '0'.repeat(64) })),
  ],
  'archive-before-its-container': [
    'Writes a creation time that is later than the checkpoint',
    () => jsonMember('config.dump', () => ({ createdTime: '2100-01-01T00:00:00Z' })),
  ],
  'archive-time-of-the-first': ['Writes the time of the first checkpoint into every later one', timeOfTheFirst],
  'archive-with-ended-processes': [
    'Adds images of processes that have ended since an earlier checkpoint',
    withEndedProcesses,
  ],
  'archive-of-a-neighbor': [
    'Writes the config.dump of another container in the sandbox',
    () => fromNeighbor(/^config\.dump$/),
  ],
  'archive-memory-of-a-neighbor': [
    'Writes the memory of another container in the sandbox',
    () => fromNeighbor(/^checkpoint\/(?:pagemap|pages)-\d+\.img$/),
  ],
  'archive-of-another-command': [
    'Writes another command into spec.dump',
    () => jsonMember('spec.dump', ({ process }) => ({ process: { ...Object(process), args: ['true'] } })),
  ],
};

export const contentMutants = deviations('mutant', table);
