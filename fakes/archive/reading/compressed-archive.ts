// Opens archives that may be compressed with gzip, as CRI-O does.
import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { errorCode } from '../../base/error-text';
import { ArchiveError } from '../archive-error';
import { FileSource } from '../tar/byte-source';
import { CheckpointArchive } from './checkpoint-archive';

/** Maximum size of a decompressed tar, bytes. It is needed because a small file may decompress to any size. */
const MAX_DECOMPRESSED = 1024 * 1024 * 1024;
/** The first two bytes of every gzip file (RFC 1952, 2.3.1). */
const MAGIC = Buffer.from([0x1f, 0x8b]);

async function isCompressed(file: string): Promise<boolean> {
  await using source = await FileSource.open(file);
  return (await source.read(0, MAGIC.length)).equals(MAGIC);
}

const limitedTo = (maxBytes: number) =>
  async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new ArchiveError('not-a-tar', `it decompresses to more than ${maxBytes} bytes`);
      yield chunk;
    }
  };

async function decompress(file: string, target: string, maxBytes: number): Promise<void> {
  try {
    const limited = limitedTo(maxBytes);
    await pipeline(createReadStream(file), createGunzip(), limited, createWriteStream(target, { mode: 0o600 }));
  } catch (error) {
    const code = errorCode(error);
    if (!code?.startsWith('Z_')) throw error;
    throw code === 'Z_BUF_ERROR'
      ? new ArchiveError('cut', 'unexpected EOF')
      : new ArchiveError('not-a-tar', 'gzip: invalid header');
  }
}

/**
 * Opens an archive, even if it is compressed with gzip. The decompressed copy is private and is unlinked before this
 * function returns.
 *
 * @param file path of the archive
 * @param maxBytes maximum size of the tar, bytes
 * @throws ArchiveError if the file cannot be read, is too large, or is not a complete tar, compressed or not
 */
export async function openCompressed(file: string, maxBytes = MAX_DECOMPRESSED): Promise<CheckpointArchive> {
  if (!(await isCompressed(file))) return CheckpointArchive.open(file);
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-archive-'));
  try {
    const tar = path.join(directory, 'archive.tar');
    await decompress(file, tar, maxBytes);
    return await CheckpointArchive.open(tar);
  } finally {
    await fs.rm(directory, { recursive: true });
  }
}
