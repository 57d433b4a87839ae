// The archive on disk, opened for reading and nothing else.
import fs, { type FileHandle } from 'node:fs/promises';
import { errorCode, errorCodeOrText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read; run this as its owner or as root',
  EPERM: 'it may not be read; run this as its owner or as root',
  ENOTDIR: 'a part of the path is no directory',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'its links lead round in a circle',
};

function reasonOf(error: unknown): string {
  return REASONS[errorCode(error) ?? ''] ?? `it cannot be read (${errorCodeOrText(error)})`;
}

export class ArchiveFile implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal | undefined;

  private constructor(
    readonly path: string,
    /** Bytes. */
    readonly size: number,
    /** Permission bits. */
    readonly mode: number,
    handle: FileHandle,
    signal: AbortSignal | undefined,
  ) {
    this.#handle = handle;
    this.#signal = signal;
  }

  /** Throws a UserError where the path is not that of a file that can be read. Once the signal aborts nothing more is. */
  static async open(path: string, signal?: AbortSignal): Promise<ArchiveFile> {
    if (path.includes('\0')) throw new UserError('FILE: a path cannot hold a NUL');
    try {
      // Asked before it is opened: opening a pipe would wait for a writer.
      const { size, mode } = await regular(path);
      return new ArchiveFile(path, size, mode & 0o7777, await fs.open(path, 'r'), signal);
    } catch (error) {
      throw error instanceof UserError ? error : new UserError(`${path}: ${reasonOf(error)}`);
    }
  }

  /** Fills as much of a buffer as there is from an offset on; returns how many bytes that are. */
  async read(buffer: Buffer, offset: number): Promise<number> {
    if (this.#signal?.aborted) throw new UserError(`${this.path}: interrupted before all of it was read`);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, buffer.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  /** Bytes of a part of the file, fewer where it ends before. */
  async bytes(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, this.size - offset)));
    return buffer.subarray(0, await this.read(buffer, offset));
  }

  /** A part of the file in pieces; each is valid until the next is asked for. */
  async *pieces(offset: number, length: number, pieceBytes: number): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(pieceBytes, length)));
    for (let done = 0; done < length; ) {
      const read = await this.read(buffer.subarray(0, Math.min(buffer.length, length - done)), offset + done);
      if (read === 0) return;
      yield buffer.subarray(0, read);
      done += read;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

async function regular(path: string) {
  const stats = await fs.stat(path);
  if (stats.isDirectory()) throw new UserError(`${path}: it is a directory; name the archive in it`);
  if (!stats.isFile()) throw new UserError(`${path}: it is not a regular file`);
  if (stats.size === 0) throw new UserError(`${path}: it is empty, so nothing was archived`);
  return stats;
}
