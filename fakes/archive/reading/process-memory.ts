// Reads the memory of a process in a checkpoint.
import { ArchiveError } from '../archive-error';
import type { CheckpointArchive } from './checkpoint-archive';
import { pagemapOf } from './criu-entries';

const PAGE = 4096n;
/**
 * CRIU's flag of a pagemap entry whose pages are in the pages image. Pages without this flag are in a parent
 * checkpoint.
 */
const PRESENT = 4;

/**
 * Reads memory of a process at an address.
 *
 * @param length number of bytes to read
 * @returns the bytes; fewer or none if the checkpoint does not contain all of them
 * @throws ArchiveError if the pagemap or the pages are missing or incomplete
 */
export async function memoryAt(
  archive: CheckpointArchive,
  pid: number,
  address: bigint,
  length: number,
): Promise<Buffer> {
  const { pagesId, entries } = await pagemapOf(archive, pid);
  const name = `checkpoint/pages-${pagesId}.img`;
  const pages = archive.member(name);
  if (!pages) throw new ArchiveError('no-member', 'no such file or directory', name);
  let offset = 0n;
  for (const { vaddr = 0, nr_pages, compat_nr_pages = 0, flags = PRESENT } of entries) {
    if ((flags & PRESENT) === 0) continue;
    const start = BigInt(vaddr);
    const bytes = BigInt(nr_pages || compat_nr_pages) * PAGE;
    if (offset + bytes > BigInt(pages.size))
      throw new ArchiveError('broken-member', 'it ends before its last page', name);
    if (address >= start && address < start + bytes) {
      const within = address - start;
      const available = bytes - within < BigInt(length) ? Number(bytes - within) : length;
      return archive.source.read(pages.offset + Number(offset + within), available);
    }
    offset += bytes;
  }
  return Buffer.alloc(0);
}
