// Writes an archive to disk, completely and readable only by its owner, or not at all. The policy can change this.
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '../../base/clock';
import { unixSeconds } from '../../go/time';
import type { ArchiveJob } from '../job';
import { PORTION, tarPortions } from '../tar/tar-stream';
import { asLocationError, checkExistingFile, followLinks } from './location';
import { removeLeftoversNowAndThen, temporaryName } from './temporary-file';
import { REFERENCE_WRITING, type WritingPolicy } from './writing-policy';

/** The mode with which archives are created: only the owner can read and write them. */
const PRIVATE = 0o600;
/** O_CREAT | O_EXCL: fails if the name exists, even as a symbolic link. */
const NEW = 'wx';

/** Disk operations that are either synchronous or asynchronous. `fsync` is always asynchronous. */
interface Disk {
  open(name: string, flags: string | number, mode: number): number | Promise<number>;
  /** Writes buffers, and returns the number of written bytes. */
  writev(file: number, buffers: readonly Buffer[]): number | Promise<number>;
  close(file: number): void | Promise<void>;
  rename(from: string, to: string): void | Promise<void>;
}

const writev = promisify(fs.writev);
/** Operations that do not block other work while the disk is busy. */
const ASYNCHRONOUS: Disk = {
  open: promisify(fs.open),
  writev: async (file, buffers) => (await writev(file, buffers)).bytesWritten,
  close: promisify(fs.close),
  rename: promisify(fs.rename),
};
/** Operations for an archive of one portion, which the kernel writes faster than another thread could start. */
const SYNCHRONOUS: Disk = { open: fs.openSync, writev: fs.writevSync, close: fs.closeSync, rename: fs.renameSync };

const sync = promisify(fs.fsync);
const link = promisify(fs.link);
const remove = promisify(fs.rm);

/** Writes buffers completely. A single write may write only a part of them. */
async function writeAll(disk: Disk, file: number, buffers: Buffer[]): Promise<void> {
  let left = buffers;
  while (left.length > 0) {
    let written = await disk.writev(file, left);
    let whole = 0;
    while (whole < left.length && written >= (left[whole]?.length ?? 0)) {
      written -= left[whole]?.length ?? 0;
      whole += 1;
    }
    left = left.slice(whole);
    const [first, ...rest] = left;
    if (first && written > 0) left = [first.subarray(written), ...rest];
  }
}

async function writeEntries(disk: Disk, job: ArchiveJob, file: number): Promise<void> {
  for (const portion of tarPortions(job.entries, unixSeconds(job.snapshot.checkpointedAt))) {
    job.signal.throwIfAborted();
    await writeAll(disk, file, portion);
  }
  job.signal.throwIfAborted();
}

/** Runs one operation and converts a system error to an error about the requested location. */
async function during<T>(operation: string, { location }: ArchiveJob, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw asLocationError(error, operation, location);
  }
}

/** Writes the archive to a temporary file in the same directory, and renames it when it is complete. */
async function writeAtomically(disk: Disk, job: ArchiveJob, target: string, existing: WritingPolicy['existingFile']) {
  const name = temporaryName(path.dirname(target));
  const file = await during('open', job, () => disk.open(name, NEW, PRIVATE));
  try {
    await during('write', job, async () => {
      try {
        await writeEntries(disk, job, file);
        await sync(file);
      } finally {
        await disk.close(file);
      }
    });
    job.signal.throwIfAborted();
    await during('rename', job, () => (existing === 'refused' ? link(name, target) : disk.rename(name, target)));
    if (existing === 'refused') await remove(name);
  } catch (error) {
    await remove(name, { force: true });
    throw error;
  }
}

/** Writes the archive into the existing file at the location, or creates that file. */
async function writeInPlace(disk: Disk, job: ArchiveJob, target: string, { existingFile, mode, tail }: WritingPolicy) {
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = fs.constants;
  const flags = O_WRONLY | O_CREAT | (existingFile === 'refused' ? O_EXCL : 0) | (tail === 'cut' ? O_TRUNC : 0);
  const file = await during('open', job, () => disk.open(target, flags, PRIVATE));
  try {
    if (mode === 'private') fs.fchmodSync(file, PRIVATE);
    await during('write', job, () => writeEntries(disk, job, file));
  } finally {
    await disk.close(file);
  }
}

const isLink = (target: string) => fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/**
 * Writes an archive to its location according to the job's policy. The reference policy replaces an existing file or
 * link with the complete archive in one step. It never writes to the target of a link. Only the owner can read the
 * archive, and a failure or an abort leaves no file.
 * @param clock limits how often leftover temporary files are searched for
 * @throws LocationError if the location is not suitable or the disk fails; the signal's reason on abort
 */
export async function writeArchive(job: ArchiveJob, clock: Clock = systemClock): Promise<void> {
  const { location, signal, policy = REFERENCE_WRITING } = job;
  signal.throwIfAborted();
  checkExistingFile(location, policy);
  const target = policy.links === 'followed' ? followLinks(location) : location;
  const disk = job.entries.reduce((sum, { size }) => sum + size, 0) < PORTION ? SYNCHRONOUS : ASYNCHRONOUS;
  try {
    if (policy.writing === 'in-place' && !isLink(target)) return await writeInPlace(disk, job, target, policy);
    await removeLeftoversNowAndThen(path.dirname(target), clock);
    await writeAtomically(disk, job, target, policy.existingFile);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
