// Creates and locks the kubelet's root directory, and creates its directory for checkpoints.
import { access, constants, rm } from 'node:fs/promises';
import { errorCodeOrText } from '../base/error-text';
import { makeDirectory } from '../base/make-directory';
import { UserError } from '../base/user-error';
import { type DirectoryLock, lockDirectory } from './directory-lock';
import { checkpointsDirectory } from './naming';
import type { ResolvedOptions } from './options';

/** Directories that the kubelet created for itself. */
export interface RootDirectory {
  /** Keeps the directories when the kubelet is closed. */
  keep(): void;
  /** Removes the lock, and the directories that were created, unless `keep` was called. */
  close(): Promise<void>;
}

async function createWritable(directory: string, mode: number, created: string[]): Promise<void> {
  const first = await makeDirectory(directory, mode);
  if (first !== undefined) created.push(first);
  await access(directory, constants.W_OK | constants.X_OK);
}

/**
 * Creates the root directory and its directory for checkpoints, and locks the root directory. Does nothing if the root
 * directory is unmanaged.
 * @returns the created directories. The caller closes them if the kubelet does not start
 * @throws UserError if a directory cannot be created or written, or another process uses the root directory
 */
export async function prepareRootDirectory({
  rootDirectory,
  checkpointEnabled,
  unmanagedRootDirectory,
}: Pick<ResolvedOptions, 'rootDirectory' | 'checkpointEnabled' | 'unmanagedRootDirectory'>): Promise<RootDirectory> {
  const created: string[] = [];
  let lock: DirectoryLock | undefined;
  const close = async () => {
    await lock?.release();
    for (const directory of created.reverse()) await rm(directory, { recursive: true, force: true });
  };
  try {
    if (!unmanagedRootDirectory) {
      await createWritable(rootDirectory, 0o750, created);
      lock = await lockDirectory(rootDirectory);
      if (checkpointEnabled) await createWritable(checkpointsDirectory(rootDirectory), 0o700, created);
    }
  } catch (error) {
    await close();
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The root directory ${rootDirectory} cannot be written (${errorCodeOrText(error)}): choose one that can be written.`,
    );
  }
  return { keep: () => created.splice(0), close };
}
