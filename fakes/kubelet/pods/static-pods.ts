// The manifests of a node: every file of the directory that a kubelet looks at, or the one file that is named.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { MAX_MANIFEST_BYTES, type ManifestContext, parseManifest } from './manifest';
import type { Pod } from './pod';

/** Files of a directory as a kubelet takes them: by name, no hidden ones, no subdirectories. */
async function manifestFiles(place: string): Promise<string[]> {
  try {
    if (!(await stat(place)).isDirectory()) return [place];
    const entries = await readdir(place, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
      .map((entry) => path.join(place, entry.name))
      .sort();
  } catch (error) {
    throw new UserError(
      `The static pod path ${place} cannot be read (${errorCodeOrText(error)}): name a directory of manifests.`,
    );
  }
}

/** A file as it was when it was last read. */
interface KnownFile {
  readonly stamp: string;
  readonly pods: readonly Pod[];
}

/** One look at all manifests. */
export interface ManifestLook {
  readonly pods: readonly Pod[];
  /** What was wrong with files that were not known to be wrong before. */
  readonly problems: readonly UserError[];
}

/** Reads manifests, and reads again only those that changed: a pod keeps its identity as long as its file does. */
export class ManifestReader {
  #known = new Map<string, KnownFile>();

  /** @param place a directory of manifests, or one manifest */
  constructor(
    readonly place: string,
    readonly context: () => ManifestContext,
  ) {}

  /** Looks at all files. Throws UserError where the place itself cannot be read; what is wrong with one file harms no other. */
  async look(): Promise<ManifestLook> {
    const files = await manifestFiles(this.place);
    const known = new Map<string, KnownFile>();
    const problems: UserError[] = [];
    const pods = new Map<string, { readonly pod: Pod; readonly file: string }>();
    for (const file of files) {
      const before = this.#known.get(file);
      const { found, problem } = await this.#readIfChanged(file, before);
      known.set(file, found);
      if (problem) problems.push(problem);
      for (const pod of found.pods) {
        const key = `${pod.namespace}/${pod.name}`;
        const other = pods.get(key)?.file;
        if (other === undefined) pods.set(key, { pod, file });
        else if (found !== before) {
          problems.push(new UserError(`${file}:1: pod ${key} is also in ${other}: give one of them another name.`));
        }
      }
    }
    this.#known = known;
    return { pods: [...pods.values()].map(({ pod }) => pod), problems };
  }

  async #readIfChanged(
    file: string,
    before: KnownFile | undefined,
  ): Promise<{ readonly found: KnownFile; readonly problem?: UserError }> {
    let stamp = 'unreadable';
    try {
      const { mtimeMs, size, ino, ctimeMs } = await stat(file);
      stamp = `${mtimeMs}/${ctimeMs}/${size}/${ino}`;
      if (before?.stamp === stamp) return { found: before };
      if (size > MAX_MANIFEST_BYTES) {
        throw new UserError(`${file}:1: the manifest has ${size} bytes: give one of at most ${MAX_MANIFEST_BYTES}.`);
      }
      return { found: { stamp, pods: parseManifest(file, await readFile(file, 'utf8'), this.context()) } };
    } catch (error) {
      if (before?.stamp === stamp) return { found: before };
      const problem =
        error instanceof UserError ? error : new UserError(`${file}:1: cannot be read (${errorCodeOrText(error)}).`);
      return { found: { stamp, pods: [] }, problem };
    }
  }
}
