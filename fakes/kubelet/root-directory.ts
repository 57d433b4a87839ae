// The root directory of a kubelet: made where it is missing, and given the folder for checkpoints.
import { access, constants, rm, stat } from 'node:fs/promises';
import { errnoOf } from '../base/errno';
import { makeFolder } from '../base/make-directory';
import { UserError } from '../base/user-error';
import { checkpointsDirectory } from './naming';

/** Where a kubelet keeps what it has, unless it is told otherwise. */
export const DEFAULT_ROOT_DIRECTORY = '/var/lib/kubelet';

/** Makes the directories; the returned function removes those that were not there before. Throws UserError where that cannot be. */
export async function prepareRootDirectory(directory: string, withCheckpoints: boolean): Promise<() => Promise<void>> {
  const made: string[] = [];
  const undo = async () => {
    for (const folder of made.reverse()) await rm(folder, { recursive: true, force: true });
  };
  try {
    const first = await makeFolder(directory, 0o750);
    if (first !== undefined) made.push(first);
    await access(directory, constants.W_OK | constants.X_OK);
    if (withCheckpoints) {
      const folder = checkpointsDirectory(directory);
      if ((await makeFolder(folder, 0o700)) !== undefined) made.push(folder);
      if (!(await stat(folder)).isDirectory()) throw new Error('ENOTDIR');
      await access(folder, constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    await undo();
    throw new UserError(`The root directory ${directory} cannot be written (${errnoOf(error)}): choose one that can.`);
  }
  return undo;
}
