// Reads the manifests of static pods: the files of a directory, or one file.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import type { ResolvedOptions } from '../options';
import { MAX_MANIFEST_BYTES, type ManifestContext, parseManifest } from './manifest';
import type { Pod } from './pod';

/**
 * Returns the paths of the manifests that a kubelet reads. In a directory, these are all files that are not hidden, in
 * the order of their names. Subdirectories are not read.
 */
async function manifestFiles(manifestPath: string): Promise<string[]> {
  try {
    if (!(await stat(manifestPath)).isDirectory()) return [manifestPath];
    const entries = await readdir(manifestPath, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
      .map((entry) => path.join(manifestPath, entry.name))
      .sort();
  } catch (error) {
    throw new UserError(
      `The static pod path ${manifestPath} cannot be read (${errorCodeOrText(error)}): name a directory of manifests.`,
    );
  }
}

/** The state of a file when it was last read. */
interface KnownFile {
  /** A text that changes when the file changes. */
  readonly version: string;
  readonly pods: readonly Pod[];
}

/** The result of reading all manifests once. */
export interface ManifestScan {
  readonly pods: readonly Pod[];
  /** Problems that the previous scan did not have. */
  readonly problems: readonly UserError[];
}

/** Reads manifests. A file that has not changed is not read again, so that its pods keep their identity. */
export class ManifestReader {
  #known = new Map<string, KnownFile>();

  /**
   * Makes a reader.
   * @param manifestPath path of a directory of manifests, or of one manifest
   * @param context returns the context for a file that is being read
   */
  constructor(
    readonly manifestPath: string,
    readonly context: () => ManifestContext,
  ) {}

  /**
   * Reads all files that have changed. A problem with one file does not affect other files.
   * @returns the pods of all files
   * @throws UserError if the directory cannot be read
   */
  async scan(): Promise<ManifestScan> {
    const files = await manifestFiles(this.manifestPath);
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
    let version = 'unreadable';
    try {
      const { mtimeMs, size, ino, ctimeMs } = await stat(file);
      version = `${mtimeMs}/${ctimeMs}/${size}/${ino}`;
      if (before?.version === version) return { found: before };
      if (size > MAX_MANIFEST_BYTES) {
        throw new UserError(
          `${file}:1: the manifest has ${size} bytes: give one with at most ${MAX_MANIFEST_BYTES} bytes.`,
        );
      }
      return { found: { version, pods: parseManifest(file, await readFile(file, 'utf8'), this.context()) } };
    } catch (error) {
      if (before?.version === version) return { found: before };
      const problem =
        error instanceof UserError ? error : new UserError(`${file}:1: cannot be read (${errorCodeOrText(error)}).`);
      return { found: { version, pods: [] }, problem };
    }
  }
}

/** The static pods at startup, and the reader that finds their changes. */
export interface StaticPods {
  readonly reader: ManifestReader;
  readonly pods: readonly Pod[];
}

/**
 * Reads the manifests of a kubelet at startup.
 * @returns the pods and a reader; undefined if the settings name no manifests
 * @throws UserError for the first problem in a manifest
 */
export async function readStaticPods({
  settings,
  nodeName,
  clock,
  warn,
}: Pick<ResolvedOptions, 'settings' | 'nodeName' | 'clock' | 'warn'>): Promise<StaticPods | undefined> {
  if (!settings.staticPodPath) return undefined;
  const context = (): ManifestContext => ({ nodeName, now: clock.now(), source: 'file', warn });
  const reader = new ManifestReader(path.resolve(settings.staticPodPath), context);
  const { pods, problems } = await reader.scan();
  const [problem] = problems;
  if (problem) throw problem;
  return { reader, pods };
}
