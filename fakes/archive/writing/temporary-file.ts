// Temporary files beside an archive: how they are named, made, and cleared away when their process is gone.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../base/clock';
import { isAlive, ownIdentity } from './process-identity';

/** Names are this, process id, its start, and something random; a glob for `checkpoint-*` does not meet them. */
export const TEMPORARY_PREFIX = '.ckptest-archive-';
const NAME = new RegExp(`^${TEMPORARY_PREFIX.replaceAll('.', '\\.')}(\\d+-\\d+)-[0-9a-f-]+$`);

/** A name for a new file in a folder, which no other file has. */
export function temporaryName(directory: string): string {
  return path.join(directory, `${TEMPORARY_PREFIX}${ownIdentity()}-${randomUUID()}`);
}

/** Removes what processes that are gone have left in a folder; what cannot be removed stays. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await fs.readdir(directory).catch(() => []);
  for (const name of names) {
    const identity = NAME.exec(name)?.[1];
    if (identity !== undefined && !isAlive(identity))
      await fs.rm(path.join(directory, name), { force: true }).catch(() => {});
  }
}

/** Share of the time that may go into looking through a folder, and the longest pause between two looks (ms). */
const SHARE = 0.01;
const MAX_PAUSE_MS = 5000;
const MAX_FOLDERS = 256;
const nextLook = new Map<string, number>();

/** As removeLeftovers, but left out while the last look at a folder was too recent for what it cost. */
export async function removeLeftoversNowAndThen(directory: string, clock: Clock): Promise<void> {
  const start = clock.now();
  if (start < (nextLook.get(directory) ?? 0)) return;
  // Others that come meanwhile need not look too.
  nextLook.set(directory, Number.POSITIVE_INFINITY);
  try {
    await removeLeftovers(directory);
  } finally {
    const end = clock.now();
    if (nextLook.size >= MAX_FOLDERS) nextLook.clear();
    nextLook.set(directory, end + Math.min(MAX_PAUSE_MS, (end - start) / SHARE));
  }
}
