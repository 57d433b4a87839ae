// Creates temporary directories that only this user can open. Directories of killed processes are removed later.
import { readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive, ownIdentity } from './process-identity';

/** Matches the names of these directories: `ckptest-KIND-PID-START-NAMESPACE-RANDOM`. */
const NAME = /^ckptest-[a-z-]+-(\d+-\d+)-([0-9a-z]+)-.{6}$/;

/** Parent directories that this process has searched. */
const searched = new Set<string>();

/**
 * Returns an id of the PID namespace. It is needed because processes of other containers are not visible, although they
 * may be running.
 */
function namespaceId(): string {
  try {
    return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0).toString(36);
  } catch {
    return '0';
  }
}

/** Removes the directories of this user's ended processes. Ignores directories that cannot be removed. */
async function removeDirectoriesOfEnded(parent: string): Promise<void> {
  const namespace = namespaceId();
  for (const name of await readdir(parent).catch(() => [])) {
    const [, identity, other] = NAME.exec(name) ?? [];
    if (identity === undefined || other !== namespace || isAlive(identity)) continue;
    const directory = path.join(parent, name);
    const found = await lstat(directory).catch(() => undefined);
    if (found?.isDirectory() && found.uid === process.getuid?.())
      await rm(directory, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * Creates a private directory in the system's directory for temporary files. The first call also removes the
 * directories of processes that ended without removing their directories.
 *
 * @param kind a part of the name, in lower-case letters and hyphens
 * @returns the path of the directory
 */
export async function privateDirectory(kind: string): Promise<string> {
  const parent = tmpdir();
  if (!searched.has(parent)) {
    searched.add(parent);
    await removeDirectoriesOfEnded(parent);
  }
  return mkdtemp(path.join(parent, `ckptest-${kind}-${ownIdentity()}-${namespaceId()}-`));
}
