// The directories that targets and specs work in.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** What is removed again while others write there: a kubelet or runtime may end later than it says. */
const TRIES = 10;

/** A new directory for a target, which nobody else may read. */
export const makeScratch = () => fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-'));

/** Removes a directory with all that is in it, or comes into it meanwhile; done where there is none. */
export const removeDirectory = (directory: string) =>
  fs.rm(directory, { recursive: true, force: true, maxRetries: TRIES, retryDelay: 50 });
