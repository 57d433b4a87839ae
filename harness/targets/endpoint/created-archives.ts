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

export class CreatedArchives {
  readonly #found = new Set<string>();

  /** @param local maps a path on the node to the path on this machine */
  constructor(readonly local: (path: string) => string) {}

  notice(answer: HttpAnswer): void {
    for (const file of archivesIn(answer)) if (isArchive(file)) this.#found.add(file);
  }

  /** Removes the archives that exist on this machine. */
  async remove(): Promise<void> {
    for (const file of this.#found) await fs.rm(this.local(file), { force: true }).catch(() => {});
  }
}
