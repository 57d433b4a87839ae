// Opens what a runtime or kubelet left at a path. It may be anything: a named pipe, a device, or memory of many gigabytes.
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { NotATar } from './tar-header';

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
