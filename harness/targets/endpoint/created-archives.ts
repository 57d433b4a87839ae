// Removes the archives that a run created on a node. The archives contain the memory of containers, and no other
// component removes them.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { HttpAnswer } from '../../../specs/subject/http';

/**
 * Returns whether a kubelet could have written a checkpoint archive to this path. Files at other paths are never
 * removed.
 */
const isArchive = (file: string) =>
  /^checkpoint-.*\.tar$/s.test(path.basename(file)) &&
  path.basename(path.dirname(file)) === 'checkpoints' &&
  path.isAbsolute(file);

/** Returns the paths of archives in a successful response to a checkpoint request. */
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
 * How far file times may lag behind `Date.now`, milliseconds. The clock of file systems advances in steps of this
 * length or less.
 */
const CLOCK_STEP_MS = 20;

/** The directory from which archives may be removed, and the mapping of the node's paths to paths on this machine. */
interface ArchivePlaces {
  /** Path on this machine. If undefined, nothing is removed. */
  readonly directory: string | undefined;
  local(path: string): string;
}

export class CreatedArchives {
  /**
   * Paths on the node, each with the time of the first request whose response contained the path, milliseconds since
   * the epoch.
   */
  readonly #found = new Map<string, number>();

  constructor(readonly places: ArchivePlaces) {}

  /**
   * Records the archives in a response for the removal.
   *
   * @param askedAtMs time just before the request, milliseconds since the epoch
   */
  notice(answer: HttpAnswer, askedAtMs: number): void {
    for (const file of archivesIn(answer))
      if (isArchive(file) && !this.#found.has(file)) this.#found.set(file, askedAtMs);
  }

  /**
   * Removes the archives that this run created. Other files are not removed, even if a response of the kubelet names
   * them.
   */
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
