// Opens what a runtime or kubelet left at a path. It may be anything: a named pipe, a device, or memory of many gigabytes.
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { NotATar } from './tar-header';

/** One read call gets no more than this, bytes. Node aborts the process if a length does not fit into 31 bits. */
const PORTION = 1024 * 1024;

/**
 * Opens a regular file for reading. Never waits for the other end of a pipe and never opens a device.
 *
 * @throws NotATar if there is something other than a regular file at the path
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const requireFile = (found: { isFile(): boolean }) => {
    if (!found.isFile()) throw new NotATar('it is not a regular file');
  };
  // Asked first, because opening alone has an effect on some devices.
  requireFile(await fs.stat(path));
  const file = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    // Asked again, because the path may lead to something else by now.
    requireFile(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads a whole regular file, which must be smaller than 2 GiB. Throws as `openRegular` does. */
export async function readRegular(path: string): Promise<Buffer> {
  await using file = await openRegular(path);
  return await file.readFile();
}

/**
 * Reads a part of a file in portions.
 *
 * @param offset bytes from the start of the file
 * @param length bytes
 * @throws NotATar if the file ends before the part does
 */
export async function* portions(
  file: FileHandle,
  offset: number,
  length: number,
): AsyncGenerator<Buffer, undefined, undefined> {
  for (let done = 0; done < length; ) {
    const wanted = Math.min(PORTION, length - done);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, offset + done);
    if (bytesRead === 0) throw new NotATar('it ends in the middle of a member');
    yield buffer.subarray(0, bytesRead);
    done += bytesRead;
  }
}
