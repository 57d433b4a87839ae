// Creates a directory with its missing parents. It does not use `recursive`, because Node's recursive `mkdir` never
// returns if a parent such as `/proc` does not allow directories.
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './error-text';

/** Creates one directory. Returns false if it already exists. */
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
 * @param directory path of the directory
 * @param mode permission bits of every created directory
 * @returns the path of the topmost directory that was created; undefined if all directories existed
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
