// Puts an archive on disk: whole and private under its name, or not at all.
import fs from 'node:fs/promises';
import path from 'node:path';
import { type Clock, systemClock } from '../clock';
import type { ArchiveJob } from '../wires';
import { secondsOf } from './go-time';
import { asLocationError, checkLocation } from './location';
import { tarPortions } from './tar-stream';
import { createTemporary, removeLeftoversNowAndThen } from './temporary-file';

/** Writes all of the buffers; a write may take only a part of them. */
async function writeAll(handle: fs.FileHandle, buffers: Buffer[]): Promise<void> {
  let left = buffers;
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left);
    let whole = 0;
    while (whole < left.length && bytesWritten >= (left[whole]?.length ?? 0)) {
      bytesWritten -= left[whole]?.length ?? 0;
      whole += 1;
    }
    left = left.slice(whole);
    const [first, ...rest] = left;
    if (first && bytesWritten > 0) left = [first.subarray(bytesWritten), ...rest];
  }
}

async function writeAndSync(job: ArchiveJob, handle: fs.FileHandle): Promise<void> {
  for (const portion of tarPortions(job.entries, secondsOf(job.snapshot.checkpointedAt))) {
    job.signal.throwIfAborted();
    await writeAll(handle, portion);
  }
  job.signal.throwIfAborted();
  await handle.sync();
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
  await checkLocation(location);
  const folder = path.dirname(location);
  await removeLeftoversNowAndThen(folder, clock);
  let operation = 'open';
  try {
    const { name, handle } = await createTemporary(folder);
    operation = 'write';
    try {
      try {
        await writeAndSync(job, handle);
      } finally {
        await handle.close();
      }
      signal.throwIfAborted();
      operation = 'rename';
      await fs.rename(name, location);
    } catch (error) {
      await fs.rm(name, { force: true });
      throw error;
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : asLocationError(error, operation, location);
  }
}
