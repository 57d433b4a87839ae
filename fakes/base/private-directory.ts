// Temporary directories that only this user can open. Those of processes that were killed are removed later.
import { readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive, ownIdentity } from './process-identity';

/** Names are `ckptest-KIND-PID-START-NAMESPACE-RANDOM`. */
const NAME = /^ckptest-[a-z-]+-(\d+-\d+)-([0-9a-z]+)-.{6}$/;

/** Temporary directories that this process has searched. */
const searched = new Set<string>();

/** Returns an id of the PID namespace: a process of another container cannot be seen, and is not taken for ended. */
function namespaceId(): string {
  try {
    return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0).toString(36);
  } catch {
    return '0';
  }
}

/** Removes the directories of this user's ended processes. A directory that cannot be removed stays. */
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
 * Creates a private directory in the system's directory for temporary files. The first call also removes the directories
 * of processes that have ended without removing theirs.
 *
 * @param kind lower-case letters and hyphens; a part of the name
 * @returns the path
 */
export async function privateDirectory(kind: string): Promise<string> {
  const parent = tmpdir();
  if (!searched.has(parent)) {
    searched.add(parent);
    await removeDirectoriesOfEnded(parent);
  }
  return mkdtemp(path.join(parent, `ckptest-${kind}-${ownIdentity()}-${namespaceId()}-`));
}
