// Finds the checkpoint in an image: an OCI image layout, or the output of `docker save`.
import { type Archive, BadMember } from '../../specs/archive-file/reader';
import type { TarMember } from '../../specs/archive-file/tar-walk';
import { isObject, type Json, list } from './metadata';

/** Maximum number of layers and manifests that are read. */
const MAX_BLOBS = 100;
/** Maximum depth of nested indexes. */
const MAX_DEPTH = 4;

/** Returns whether an archive is an image. */
export const isImageLayout = (archive: Archive): boolean =>
  !archive.hasImages && (archive.member('oci-layout') !== undefined || archive.member('manifest.json') !== undefined);

const blobOf = ({ digest }: Json) => (typeof digest === 'string' ? `blobs/${digest.replace(':', '/')}` : '');

async function jsonIn(archive: Archive, path: string): Promise<unknown> {
  try {
    return archive.member(path) ? await archive.json(path) : undefined;
  } catch (error) {
    if (error instanceof BadMember) return undefined;
    throw error;
  }
}

/** Collects the paths of layers from a manifest or an index. */
async function collect(archive: Archive, path: string, layers: Set<string>, depth: number): Promise<void> {
  const manifest = await jsonIn(archive, path);
  if (!isObject(manifest) || depth > MAX_DEPTH) return;
  for (const layer of list(manifest['layers'])) if (isObject(layer)) layers.add(blobOf(layer));
  for (const entry of list(manifest['manifests'])) {
    if (!isObject(entry) || layers.size > MAX_BLOBS) continue;
    // Skip other entries: containerd lists the parts of a checkpoint as manifests, although they are not manifests.
    if (String(entry['mediaType']).endsWith('json')) await collect(archive, blobOf(entry), layers, depth + 1);
    else layers.add(blobOf(entry));
  }
}

/** Returns the layers of an image. The last layer comes first, because the checkpoint is usually in the last layer. */
export async function layersOf(archive: Archive): Promise<readonly TarMember[]> {
  const layers = new Set<string>();
  await collect(archive, 'index.json', layers, 0);
  for (const image of list(await jsonIn(archive, 'manifest.json')))
    if (isObject(image)) for (const layer of list(image['Layers'])) if (typeof layer === 'string') layers.add(layer);
  return [...layers]
    .slice(0, MAX_BLOBS)
    .reverse()
    .flatMap((path) => archive.member(path) ?? []);
}
