// Puts an archive on disk: whole and private under its name, or not at all.
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '../../base/clock';
import { secondsOf } from '../../go/time';
import type { ArchiveJob } from '../job';
import { PORTION, tarPortions } from '../tar/tar-stream';
import { asLocationError, checkPlace } from './location';
import { removeLeftoversNowAndThen, temporaryName } from './temporary-file';

/** Readable and writable for the owner alone from its first moment on. */
const PRIVATE = 0o600;
/** O_CREAT | O_EXCL: a link of that name is not followed either. */
const NEW = 'wx';

/** The ways to the disk, but for the sync, which is always beside other work. */
interface Disk {
  open(name: string, flags: string, mode: number): number | Promise<number>;
  /** Returns how many bytes were taken. */
  writev(file: number, buffers: readonly Buffer[]): number | Promise<number>;
  close(file: number): void | Promise<void>;
  rename(from: string, to: string): void | Promise<void>;
}

const writev = promisify(fs.writev);
/** Nothing else waits for the disk. */
const BESIDE: Disk = {
  open: promisify(fs.open),
  writev: async (file, buffers) => (await writev(file, buffers)).bytesWritten,
  close: promisify(fs.close),
  rename: promisify(fs.rename),
};
/** For an archive of one portion, which the kernel takes in less time than the ways to another thread and back. */
const AT_ONCE: Disk = { open: fs.openSync, writev: fs.writevSync, close: fs.closeSync, rename: fs.renameSync };

const sync = promisify(fs.fsync);
const remove = promisify(fs.rm);

/** Writes all of the buffers; a write may take only a part of them. */
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

async function writeAndSync(disk: Disk, job: ArchiveJob, file: number): Promise<void> {
  for (const portion of tarPortions(job.entries, secondsOf(job.snapshot.checkpointedAt))) {
    job.signal.throwIfAborted();
    await writeAll(disk, file, portion);
  }
  job.signal.throwIfAborted();
  await sync(file);
}

/**
 * Writes an archive to its location. What bears that name, a file or a link, is replaced at once by the whole archive;
 * it is never written through. The archive is readable by its owner alone, and on failure or abort nothing is left.
 *
 * @param clock what the looks for leftovers of processes that are gone are spaced by
 * @throws LocationError where the location does not do or the disk fails; the signal's reason on abort
 */
export async function writeArchive(job: ArchiveJob, clock: Clock = systemClock): Promise<void> {
  const { location, signal } = job;
  signal.throwIfAborted();
  checkPlace(location);
  const directory = path.dirname(location);
  await removeLeftoversNowAndThen(directory, clock);
  const disk = job.entries.reduce((sum, { size }) => sum + size, 0) < PORTION ? AT_ONCE : BESIDE;
  const name = temporaryName(directory);
  let operation = 'open';
  try {
    const file = await disk.open(name, NEW, PRIVATE);
    operation = 'write';
    try {
      try {
        await writeAndSync(disk, job, file);
      } finally {
        await disk.close(file);
      }
      signal.throwIfAborted();
      operation = 'rename';
      await disk.rename(name, location);
    } catch (error) {
      await remove(name, { force: true });
      throw error;
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : asLocationError(error, operation, location);
  }
}
