// Removes the archives that a run created on a node. They contain memory of containers, and nothing else removes them.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { HttpAnswer } from '../../../specs/subject/http';

/**
 * Whether a kubelet could have written a checkpoint archive to this path. No other file is removed, whatever the answer
 * names.
 */
const isArchive = (file: string) =>
  /^checkpoint-.*\.tar$/s.test(path.basename(file)) &&
  path.basename(path.dirname(file)) === 'checkpoints' &&
  path.isAbsolute(file);

/** Returns the paths in a successful answer to a checkpoint request. */
export function archivesIn({ status, body }: HttpAnswer): readonly string[] {
  if (status !== 200) return [];
  try {
    const answer: unknown = JSON.parse(body);
    const items: unknown = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : [];
    return Array.isArray(items) ? items.filter((item): item is string => typeof item === 'string') : [];
  } catch {
    return [];
  }
}

/**
 * The clock that file systems stamp files with moves in steps, and lags behind `Date.now` by up to one of them.
 * Milliseconds.
 */
const CLOCK_STEP_MS = 20;

/** The directory that archives may be removed from, and where a path of the node is on this machine. */
interface ArchivePlaces {
  /** On this machine. Undefined: nothing is removed. */
  readonly directory: string | undefined;
  local(path: string): string;
}

export class CreatedArchives {
  /** Paths on the node, with the time of the first request that was answered with each, milliseconds since the epoch. */
  readonly #found = new Map<string, number>();

  constructor(readonly places: ArchivePlaces) {}

  /**
   * Remembers the archives that an answer names.
   *
   * @param askedAtMs time just before the request, milliseconds since the epoch
   */
  notice(answer: HttpAnswer, askedAtMs: number): void {
    for (const file of archivesIn(answer))
      if (isArchive(file) && !this.#found.has(file)) this.#found.set(file, askedAtMs);
  }

  /** Removes the archives that this run created, and no other file, even if the kubelet names one. */
  async remove(): Promise<void> {
    const { directory, local } = this.places;
    if (directory === undefined) return;
    const root = await fs.realpath(directory).catch(() => undefined);
    if (root === undefined) return;
    for (const [file, askedAtMs] of this.#found) await removeOwn(local(file), root, askedAtMs).catch(() => {});
  }
}

/** Removes a regular file below `root` that did not exist before the request. */
async function removeOwn(file: string, root: string, askedAtMs: number): Promise<void> {
  const parent = await fs.realpath(path.dirname(file));
  if (parent !== root && !parent.startsWith(`${root}/`)) return;
  const found = await fs.lstat(file);
  if (found.isFile() && found.birthtimeMs >= askedAtMs - CLOCK_STEP_MS) await fs.unlink(file);
}
