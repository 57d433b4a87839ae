// Inspects a file: opens the file, decompresses it, and inspects the tar in it. Writes nothing and needs little memory.
import fs from 'node:fs';
import { ArchiveFile } from './archive-file';
import { inspectTar } from './inspect-tar';
import type { Inspection } from './inspection';
import { onceSource, plainSource } from './plain-source';

/**
 * Inspects the archive of a container, from containerd, CRI-O or Podman. Also inspects an image that contains such an
 * archive, and the archive of a pod.
 *
 * @param source path of the archive, or a stream. The archive may be compressed. A stream is read only once
 * @param signal cancels the inspection of a file when it is aborted
 * @returns contents and findings
 * @throws UserError if the file cannot be read, is not a tar, or the signal was aborted
 */
export async function inspectArchive(
  source: string | AsyncIterable<Buffer>,
  signal?: AbortSignal,
): Promise<Inspection> {
  return typeof source === 'string' ? inspectFile(source, signal) : inspectStream(source, 'stream');
}

async function inspectFile(path: string, signal?: AbortSignal): Promise<Inspection> {
  await using file = await ArchiveFile.open(path, signal);
  await using plain = await plainSource(file, path, { isFile: true, isSlow: false });
  const inspection = await inspectTar(plain, path, file.size);
  file.checkInterrupted();
  return inspection;
}

/**
 * Inspects an archive that can be read only once, such as from a pipe.
 *
 * @param name name of the source in the result and in messages
 * @throws UserError if the source is not a tar or would have to be read twice
 */
export async function inspectStream(pieces: AsyncIterable<Buffer>, name: string): Promise<Inspection> {
  await using source = onceSource(pieces, name);
  await using plain = await plainSource(source, name, { isFile: false, isSlow: true });
  const inspection = await inspectTar(plain, name, 0);
  return { ...inspection, sizes: { ...inspection.sizes, archive: source.size } };
}

/** Inspects standard input, which may be a file or a pipe. */
export async function inspectStandardInput(stdin: AsyncIterable<Buffer>, signal: AbortSignal): Promise<Inspection> {
  if (!fs.fstatSync(0).isFile()) return inspectStream(stdin, '-');
  return { ...(await inspectArchive('/dev/stdin', signal)), file: '-' };
}
