// Reads bytes in a file or in a buffer at any offset.
import fs from 'node:fs/promises';
import { errorCode } from '../../base/error-text';
import { ArchiveError } from '../archive-error';

/** Bytes that can be read at any offset. */
export interface ByteSource {
  /** Number of bytes. */
  readonly size: number;
  /**
   * Reads bytes.
   *
   * @param at offset of the first byte
   * @param length number of bytes to read; fewer are returned at the end of the source
   */
  read(at: number, length: number): Promise<Buffer>;
}

/** Makes a source of the bytes in a buffer. */
export const bufferSource = (bytes: Buffer): ByteSource => ({
  size: bytes.length,
  read: async (at, length) => bytes.subarray(at, at + length),
});

/** A file that is open for reading. Dispose of it to close the file. */
export class FileSource implements ByteSource, AsyncDisposable {
  private constructor(
    readonly size: number,
    readonly handle: fs.FileHandle,
  ) {}

  /**
   * Opens a file. A pipe or a device is opened without waiting and counts as empty.
   *
   * @param file path of the file
   * @throws ArchiveError `missing`, `unreadable` or `directory`
   */
  static async open(file: string): Promise<FileSource> {
    let handle: fs.FileHandle;
    try {
      handle = await fs.open(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        throw new ArchiveError('missing', `open ${file}: ${code === 'ENOENT' ? 'no such file or' : 'not a'} directory`);
      }
      throw new ArchiveError('unreadable', `open ${file}: ${code === 'EACCES' ? 'permission denied' : String(code)}`);
    }
    const stats = await handle.stat();
    if (!stats.isDirectory()) return new FileSource(stats.isFile() ? stats.size : 0, handle);
    await handle.close();
    throw new ArchiveError('directory', `read ${file}: is a directory`);
  }

  async read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - at)));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.handle.read(bytes, filled, bytes.length - filled, at + filled);
      if (bytesRead === 0) return bytes.subarray(0, filled);
      filled += bytesRead;
    }
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }
}
