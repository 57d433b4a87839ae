// Locks directories with a lock file, so that two fakes never use one directory: the fake that ends first would remove
// files of the other one.
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../base/error-text';
import { isAlive, ownIdentity } from '../base/process-identity';
import { UserError } from '../base/user-error';

const NAME = '.ckptest-lock';
const TRIES = 3;

/** A directory that is locked. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Locks a directory. Replaces the lock of a process that has ended.
 *
 * @throws UserError if a running process has locked the directory; the error of the file system if the lock cannot be
 * written
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const file = path.join(directory, NAME);
  const own = `${ownIdentity()} ${randomUUID()}\n`;
  const content = () => readFile(file, 'utf8').catch(() => '');
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      await writeFile(file, own, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      const [identity = ''] = (await content()).split(' ');
      if (/^\d+-\d+$/.test(identity) && isAlive(identity)) {
        const [pid] = identity.split('-');
        throw new UserError(
          `The root directory ${directory} is in use by process ${pid}: stop that process, or choose another directory.`,
        );
      }
      await rm(file, { force: true });
      continue;
    }
    // Another process may have replaced the lock of the ended process at the same time.
    if ((await content()) === own) break;
  }
  return {
    release: async () => {
      if ((await content()) === own) await rm(file, { force: true });
    },
  };
}
