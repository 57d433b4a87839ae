// Names temporary files beside an archive, and removes the files of processes that have ended.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../base/clock';
import { isAlive, ownIdentity } from '../../base/process-identity';

/**
 * The prefix of the names, which is followed by the PID, the start time and a random part. A glob for `checkpoint-*`
 * does not match them.
 */
export const TEMPORARY_PREFIX = '.ckptest-archive-';
const NAME = new RegExp(`^${TEMPORARY_PREFIX.replaceAll('.', '\\.')}(\\d+-\\d+)-[0-9a-f-]+$`);

/** Returns an unused name for a new file in a directory. */
export function temporaryName(directory: string): string {
  return path.join(directory, `${TEMPORARY_PREFIX}${ownIdentity()}-${randomUUID()}`);
}

/** Removes the temporary files of processes that have ended. Ignores files that cannot be removed. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await fs.readdir(directory).catch(() => []);
  for (const name of names) {
    const identity = NAME.exec(name)?.[1];
    if (identity !== undefined && !isAlive(identity))
      await fs.rm(path.join(directory, name), { force: true }).catch(() => {});
  }
}

/** Maximum share of time for searches, and the maximum pause between two searches, milliseconds. */
const SHARE = 0.01;
const MAX_PAUSE_MS = 5000;
const MAX_DIRECTORIES = 256;
const nextSearch = new Map<string, number>();

/**
 * Removes leftovers like removeLeftovers, but only if enough time has passed since the last search. The longer that
 * search took, the longer the pause.
 */
export async function removeLeftoversNowAndThen(directory: string, clock: Clock): Promise<void> {
  const start = clock.now();
  if (start < (nextSearch.get(directory) ?? 0)) return;
  // Prevent searches by concurrent calls.
  nextSearch.set(directory, Number.POSITIVE_INFINITY);
  try {
    await removeLeftovers(directory);
  } finally {
    const end = clock.now();
    if (nextSearch.size >= MAX_DIRECTORIES) nextSearch.clear();
    nextSearch.set(directory, end + Math.min(MAX_PAUSE_MS, (end - start) / SHARE));
  }
}
