// Defines a runtime with its own archive format: a single member that only this runtime can read and restore.
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArchiveError } from '../../../archive/archive-error';
import type { ArchiveEntry, ArchiveJob } from '../../../archive/job';
import { CheckpointArchive } from '../../../archive/reading/checkpoint-archive';
import { tarPortions } from '../../../archive/tar/tar-stream';
import { onMethod } from '../../../base/cri-call';
import { unixSeconds } from '../../../go/time';
import type { Effects } from '../../deviation';

const STATE = 'state.bin';

/**
 * Combines all entries into one entry. The bytes of this entry are produced twice: first to compute its size, and then
 * to write it.
 */
function wrapped({ entries, snapshot }: ArchiveJob): ArchiveEntry {
  const portions = () => tarPortions(entries, unixSeconds(snapshot.checkpointedAt));
  let size = 0;
  for (const portion of portions()) size += portion.reduce((sum, { length }) => sum + length, 0);
  return {
    name: STATE,
    mode: 0o600,
    size,
    *content() {
      for (const portion of portions()) yield* portion;
    },
  };
}

/** Extracts an archive in this format to a file. Returns false if the archive has a different format. */
async function unwrap(file: string, target: string): Promise<boolean> {
  try {
    await using archive = await CheckpointArchive.open(file);
    const state = await archive.bytes(STATE);
    await fs.writeFile(target, state, { mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof ArchiveError) return false;
    throw error;
  }
}

export const foreignContents: Effects = {
  archive: (job, next) => next({ ...job, entries: [wrapped(job)] }),
  runtimeCri: onMethod('CreateContainer', async (call, next) => {
    const { config } = call.request;
    const image = config?.image;
    if (!config || !image || !path.isAbsolute(image.image)) return next(call);
    const directory = await fs.mkdtemp(path.join(tmpdir(), 'ckptest-foreign-'));
    try {
      const target = path.join(directory, 'archive.tar');
      if (!(await unwrap(image.image, target))) return await next(call);
      return await next({
        ...call,
        request: { ...call.request, config: { ...config, image: { ...image, image: target } } },
      });
    } finally {
      await fs.rm(directory, { recursive: true });
    }
  }),
};
