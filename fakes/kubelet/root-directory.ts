// The root directory of a kubelet: made where it is missing, and given the folder for checkpoints.
import { access, constants, rm, stat } from 'node:fs/promises';
import { errorCodeOrText } from '../base/error-text';
import { makeDirectory } from '../base/make-directory';
import { UserError } from '../base/user-error';
import { checkpointsDirectory } from './naming';

/** Where a kubelet keeps what it has, unless it is told otherwise. */
export const DEFAULT_ROOT_DIRECTORY = '/var/lib/kubelet';

/** Makes the directories; the returned function removes those that were not there before. Throws UserError where that cannot be. */
export async function prepareRootDirectory(directory: string, withCheckpoints: boolean): Promise<() => Promise<void>> {
  const made: string[] = [];
  const undo = async () => {
    for (const one of made.reverse()) await rm(one, { recursive: true, force: true });
  };
  try {
    const first = await makeDirectory(directory, 0o750);
    if (first !== undefined) made.push(first);
    await access(directory, constants.W_OK | constants.X_OK);
    if (withCheckpoints) {
      const checkpoints = checkpointsDirectory(directory);
      if ((await makeDirectory(checkpoints, 0o700)) !== undefined) made.push(checkpoints);
      if (!(await stat(checkpoints)).isDirectory()) throw new Error('ENOTDIR');
      await access(checkpoints, constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    await undo();
    throw new UserError(
      `The root directory ${directory} cannot be written (${errorCodeOrText(error)}): choose one that can.`,
    );
  }
  return undo;
}
