// Creates a directory with its missing parents. It does not use `mkdir` with `recursive`, because Node's never returns
// if a parent such as `/proc` does not allow directories.
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './error-text';

/** Returns false if the directory exists already. */
async function makeOne(directory: string, mode: number): Promise<boolean> {
  try {
    await fs.mkdir(directory, { mode });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await fs.stat(directory)).isDirectory()) return false;
    throw error;
  }
}

/**
 * Creates a directory and its missing parents.
 *
 * @param directory its path
 * @param mode permission bits of every directory that is created
 * @returns the path of the topmost directory that was created; undefined if all of them existed
 * @throws the error of the file system, with its code
 */
export async function makeDirectory(directory: string, mode: number): Promise<string | undefined> {
  try {
    return (await makeOne(directory, mode)) ? directory : undefined;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || path.dirname(directory) === directory) throw error;
  }
  const above = await makeDirectory(path.dirname(directory), mode);
  return (await makeOne(directory, mode)) ? (above ?? directory) : above;
}
