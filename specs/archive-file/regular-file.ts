// Opens the file that a runtime or kubelet left at a path. The file may be a named pipe, a device, or many gigabytes
// long.
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { Unsupported } from '../subject/expect';
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
  // Check before opening: opening some devices has effects.
  requireFile(await fs.stat(path));
  const file = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    // Check again: the file at the path may have been replaced before it was opened.
    requireFile(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Maximum size of a file that is held in memory as a whole, bytes. */
const MAX_WHOLE = 256 * 1024 * 1024;

/**
 * Reads a regular file as a whole.
 *
 * @throws NotATar if the path is not a regular file
 * @throws Unsupported if the file is too large to be read as a whole
 */
export async function readRegular(path: string): Promise<Buffer> {
  await using file = await openRegular(path);
  await requireAtMost(file, MAX_WHOLE, path);
  return await file.readFile();
}

/**
 * Checks the size of a file before it is read.
 *
 * @param max bytes
 * @throws Unsupported if the file is larger
 */
export async function requireAtMost(file: FileHandle, max: number, path: string): Promise<void> {
  const { size } = await file.stat();
  if (size > max)
    throw new Unsupported(`${path} has ${size} bytes, and the suite reads files of at most ${max} bytes here`);
}

/** As `readRegular`, but returns undefined if there is no regular file at the path. */
export async function readRegularIfThere(path: string): Promise<Buffer | undefined> {
  return await readRegular(path).catch((error: unknown) => {
    if (error instanceof Unsupported) throw error;
    return undefined;
  });
}
