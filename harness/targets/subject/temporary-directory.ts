// Creates and removes the temporary directories of targets and specs.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { errorCodeOrText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';

/**
 * Maximum number of times that a removal is repeated. A kubelet or runtime may still write files for a moment after it
 * was stopped.
 */
const TRIES = 10;

/**
 * Creates a temporary directory that only this user can read.
 *
 * @param sharedDir the parent directory, from `--shared-dir`. Default: the system's temporary directory, `TMPDIR`
 * @throws UserError if no directory can be created in `sharedDir`
 */
export async function makeScratch(sharedDir?: string): Promise<string> {
  if (sharedDir === undefined) return await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-'));
  // Use an absolute path, because a runtime may have a different working directory.
  return await fs.mkdtemp(path.join(path.resolve(sharedDir), 'ckptest-')).catch((error: unknown) => {
    throw new UserError(
      `--shared-dir ${sharedDir}: no directory can be created there (${errorCodeOrText(error)}); name a directory that this user can write to and that the target sees at the same path`,
    );
  });
}

/**
 * Removes a directory with its contents, including files that are created in the meantime. Succeeds if the directory
 * does not exist.
 */
export const removeDirectory = (directory: string) =>
  fs.rm(directory, { recursive: true, force: true, maxRetries: TRIES, retryDelay: 50 });
