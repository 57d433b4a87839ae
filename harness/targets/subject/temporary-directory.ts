// The temporary directories of targets and specs.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** How often a removal is repeated. A kubelet or runtime may write for a moment after it was stopped. */
const TRIES = 10;

/** Creates a temporary directory that only this user can read. */
export const makeScratch = () => fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-'));

/** Removes a directory with its contents, also with files that appear meanwhile. Succeeds if it does not exist. */
export const removeDirectory = (directory: string) =>
  fs.rm(directory, { recursive: true, force: true, maxRetries: TRIES, retryDelay: 50 });
