// Inspects a file: opens it, decompresses it if necessary, and inspects the tar in it. It only reads, with little memory.
import { ArchiveFile } from './archive-file';
import { inspectTar } from './inspect-tar';
import type { Inspection } from './inspection';
import { plainSource } from './plain-source';

/**
 * Inspects an archive of containerd, CRI-O or Podman, an image with one, or the archive of a pod.
 *
 * @param path path of the archive, which may be compressed
 * @param signal cancels the inspection if aborted
 * @returns contents and findings
 * @throws UserError if the file cannot be read, is not a tar, or the signal was aborted
 */
export async function inspectArchive(path: string, signal?: AbortSignal): Promise<Inspection> {
  await using file = await ArchiveFile.open(path, signal);
  await using plain = await plainSource(file, path, true);
  const inspection = await inspectTar(plain, path, file.size);
  file.checkInterrupted();
  return inspection;
}
