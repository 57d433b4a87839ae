// Opens the file that a runtime or kubelet left at a path. It may also be a named pipe, a device, or many gigabytes
// long.
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { NotATar } from './tar-header';

/**
 * Opens a regular file for reading. Never waits for the writer of a pipe and never opens a device.
 *
 * @throws NotATar if the path is not a regular file
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const requireFile = (found: { isFile(): boolean }) => {
    if (!found.isFile()) throw new NotATar('it is not a regular file');
  };
  // Checked before opening, because opening some devices has effects.
  requireFile(await fs.stat(path));
  const file = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    // Checked again, because the path may have been replaced in between.
    requireFile(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Reads a regular file that is smaller than 2 GiB.
 *
 * @throws NotATar if the path is not a regular file
 */
export async function readRegular(path: string): Promise<Buffer> {
  await using file = await openRegular(path);
  return await file.readFile();
}
