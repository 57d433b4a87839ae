// The archives that a run leaves on a node: nobody else removes them, and they hold the memory of containers.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { HttpAnswer } from '../../../specs/subject/http';

/** A path that a kubelet may give to an archive. Others are not ours to remove, whatever it answers. */
const isArchive = (file: string) =>
  /^checkpoint-.*\.tar$/s.test(path.basename(file)) &&
  path.basename(path.dirname(file)) === 'checkpoints' &&
  path.isAbsolute(file);

/** The paths in a successful answer. */
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

  /** @param local where a path of the node is found here */
  constructor(readonly local: (path: string) => string) {}

  notice(answer: HttpAnswer): void {
    for (const file of archivesIn(answer)) if (isArchive(file)) this.#found.add(file);
  }

  /** Removes those that are found here. */
  async remove(): Promise<void> {
    for (const file of this.#found) await fs.rm(this.local(file), { force: true }).catch(() => {});
  }
}
