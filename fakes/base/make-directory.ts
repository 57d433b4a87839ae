// Folders made together with those above them: Node's own recursive `mkdir` never ends where one above takes none.
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './error-text';

/** False where the folder is there. */
async function makeOne(directory: string, mode: number): Promise<boolean> {
  try {
    await fs.mkdir(directory, { mode });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await fs.stat(directory)).isDirectory()) return false;
    throw error;
  }
}

/** Makes a folder and what is missing above it; returns the uppermost that was made, undefined where all were there. */
export async function makeDirectory(directory: string, mode: number): Promise<string | undefined> {
  try {
    return (await makeOne(directory, mode)) ? directory : undefined;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || path.dirname(directory) === directory) throw error;
  }
  const above = await makeDirectory(path.dirname(directory), mode);
  return (await makeOne(directory, mode)) ? (above ?? directory) : above;
}
