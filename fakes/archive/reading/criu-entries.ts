// Reads the entries of CRIU image files in an archive.
import { type CriuMessage, type CriuMessageName, criu } from '../../../proto/load';
import { ArchiveError } from '../archive-error';
import { imageFrames } from '../criu/criu-image';
import type { CheckpointArchive } from './checkpoint-archive';

/** Maximum number of entries in an image. */
const MAX_ENTRIES = 1_000_000;

function frames(bytes: Buffer, name: string): readonly Buffer[] {
  const messages = imageFrames(bytes);
  if (!messages || messages.length > MAX_ENTRIES)
    throw new ArchiveError('broken-member', 'it is not a complete CRIU image', name);
  return messages;
}

function decoded<Name extends CriuMessageName>(kind: Name, bytes: Buffer, name: string): CriuMessage<Name> {
  try {
    return criu(kind).decode(bytes);
  } catch {
    throw new ArchiveError('broken-member', `it contains an entry that is not a ${kind}`, name);
  }
}

/**
 * Reads the entries of an image.
 *
 * @param image file name of the image in `checkpoint/`
 * @param kind the type of the messages in its entries
 * @throws ArchiveError if the image is missing or cannot be read
 */
export async function entriesOf<Name extends CriuMessageName>(
  archive: CheckpointArchive,
  image: string,
  kind: Name,
): Promise<CriuMessage<Name>[]> {
  const name = `checkpoint/${image}`;
  return frames(await archive.bytes(name), name).map((message) => decoded(kind, message, name));
}

/**
 * Reads the pagemap of a process.
 *
 * @returns the number in the name of the file with the pages, and the entries with their addresses
 * @throws ArchiveError if the image is missing or cannot be read
 */
export async function pagemapOf(archive: CheckpointArchive, pid: number) {
  const name = `checkpoint/pagemap-${pid}.img`;
  const [head, ...rest] = frames(await archive.bytes(name), name);
  if (!head) throw new ArchiveError('broken-member', 'it is empty', name);
  return {
    pagesId: decoded('pagemap_head', head, name).pages_id ?? 0,
    entries: rest.map((message) => decoded('pagemap_entry', message, name)),
  };
}
