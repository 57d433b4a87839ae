// The manifests of a node: every file of the directory that a kubelet looks at, or the one file that is named.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../user-error';
import { errnoOf } from '../errno';
import { type ManifestContext, parseManifest } from './manifest';
import type { Pod } from './pod';

/** A kubelet reads no manifest that is longer (bytes). */
const MAX_MANIFEST_BYTES = 10 * 1024 * 1024;

/** Files of a directory as a kubelet takes them: by name, no hidden ones, no subdirectories. */
async function manifestFiles(place: string): Promise<string[]> {
  let isDirectory: boolean;
  try {
    isDirectory = (await stat(place)).isDirectory();
  } catch (error) {
    throw new UserError(
      `The static pod path ${place} cannot be read (${errnoOf(error)}): name a directory of manifests.`,
    );
  }
  if (!isDirectory) return [place];
  const entries = await readdir(place, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
    .map((entry) => path.join(place, entry.name))
    .sort();
}

/** Reads all static pods. Throws UserError for a missing directory, one without manifests, or a broken manifest. */
export async function readStaticPods(place: string, context: ManifestContext): Promise<Pod[]> {
  const files = await manifestFiles(place);
  if (files.length === 0) {
    throw new UserError(
      `The static pod path ${place} holds no manifests: put a Pod into it, or leave the setting out.`,
    );
  }
  const pods: Pod[] = [];
  const origins = new Map<string, string>();
  for (const file of files) {
    const { size } = await stat(file);
    if (size > MAX_MANIFEST_BYTES)
      throw new UserError(`${file}:1: the manifest has ${size} bytes: a kubelet reads at most ${MAX_MANIFEST_BYTES}.`);
    for (const pod of parseManifest(file, await readFile(file, 'utf8'), context)) {
      const key = `${pod.namespace}/${pod.name}`;
      const other = origins.get(key);
      if (other !== undefined)
        throw new UserError(`${file}:1: pod ${key} is also in ${other}: give one of them another name.`);
      origins.set(key, file);
      pods.push(pod);
    }
  }
  return pods;
}
