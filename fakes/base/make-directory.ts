// Folders made together with those above them: Node's own recursive `mkdir` never ends where one above takes none.
import fs from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from './errno';

/** False where the folder is there. */
async function makeOne(folder: string, mode: number): Promise<boolean> {
  try {
    await fs.mkdir(folder, { mode });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && (await fs.stat(folder)).isDirectory()) return false;
    throw error;
  }
}

/** Makes a folder and what is missing above it; returns the uppermost that was made, undefined where all were there. */
export async function makeFolder(folder: string, mode: number): Promise<string | undefined> {
  try {
    return (await makeOne(folder, mode)) ? folder : undefined;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || path.dirname(folder) === folder) throw error;
  }
  const above = await makeFolder(path.dirname(folder), mode);
  return (await makeOne(folder, mode)) ? (above ?? folder) : above;
}
