// Opens archive files, only for reading.
import fs, { type FileHandle } from 'node:fs/promises';
import { errorCode, errorCodeOrText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import type { ArchiveSource } from '../../specs/archive-file/source';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read; run this as its owner or as root',
  EPERM: 'it may not be read; run this as its owner or as root',
  ENOTDIR: 'a part of the path is not a directory',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'its links form a circle',
};

function reasonOf(error: unknown): string {
  return REASONS[errorCode(error) ?? ''] ?? `it cannot be read (${errorCodeOrText(error)})`;
}

export class ArchiveFile implements ArchiveSource, AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal | undefined;

  private constructor(
    readonly path: string,
    /** Size, bytes. */
    readonly size: number,
    /** Permission bits. */
    readonly mode: number,
    handle: FileHandle,
    signal: AbortSignal | undefined,
  ) {
    this.#handle = handle;
    this.#signal = signal;
  }

  /**
   * Opens a file.
   *
   * @param signal after it is aborted, every read throws a UserError
   * @throws UserError if the path does not lead to a readable regular file
   */
  static async open(path: string, signal?: AbortSignal): Promise<ArchiveFile> {
    if (path.includes('\0')) throw new UserError('FILE: a path cannot contain a NUL');
    try {
      // Check before opening: opening a pipe would wait for a writer.
      const { size, mode } = await regular(path);
      return new ArchiveFile(path, size, mode & 0o7777, await fs.open(path, 'r'), signal);
    } catch (error) {
      throw error instanceof UserError ? error : new UserError(`${path}: ${reasonOf(error)}`);
    }
  }

  /** Throws a UserError if the signal was aborted. */
  checkInterrupted(): void {
    if (this.#signal?.aborted) throw new UserError(`${this.path}: interrupted before it was read completely`);
  }

  async fill(buffer: Buffer, at: number): Promise<number> {
    this.checkInterrupted();
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, buffer.length - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

async function regular(path: string) {
  const stats = await fs.stat(path);
  if (stats.isDirectory()) throw new UserError(`${path}: it is a directory; name an archive in it`);
  if (!stats.isFile()) throw new UserError(`${path}: it is not a regular file`);
  if (stats.size === 0) throw new UserError(`${path}: it is empty`);
  return stats;
}
