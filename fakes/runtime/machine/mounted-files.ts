// What a container sees through its mounts: the files of this machine, to look at only. What a simulated program writes
// there stays in the container.
import fs from 'node:fs';
import path from 'node:path';
import type { Mount } from '../../../proto/types/runtime/v1/Mount';

/** Larger files are not shown, bytes. */
const MAX_FILE = 1024 * 1024;

export const isBelow = (file: string, directory: string) =>
  file === directory || file.startsWith(`${directory.replace(/\/$/, '')}/`);

/** The mount that an absolute path of the container lies in: the innermost one. */
export function mountOf(mounts: readonly Mount[], file: string): Mount | undefined {
  return mounts
    .filter(({ container_path }) => isBelow(file, container_path))
    .sort((a, b) => b.container_path.length - a.container_path.length)[0];
}

/** Where an absolute path of the container lies on this machine; undefined where that is nothing that was mounted. */
function onHost(mounts: readonly Mount[], file: string): string | undefined {
  const mount = mountOf(mounts, file);
  if (!mount || !path.isAbsolute(mount.host_path)) return undefined;
  try {
    const root = fs.realpathSync(mount.host_path);
    const real = fs.realpathSync(path.join(root, path.relative(mount.container_path, file)));
    // A link that leads out of the mount leads to somewhere else in a container.
    return isBelow(real, root) ? real : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a mounted file; undefined where there is none, or one that is no plain small file. */
export function mountedText(mounts: readonly Mount[], file: string): string | undefined {
  const real = onHost(mounts, file);
  if (real === undefined) return undefined;
  const { size } = fs.statSync(real);
  return fs.statSync(real).isFile() && size <= MAX_FILE ? fs.readFileSync(real, 'utf8') : undefined;
}

/** The names in a mounted folder; undefined where there is none. */
export function mountedNames(mounts: readonly Mount[], directory: string): readonly string[] | undefined {
  const real = onHost(mounts, directory);
  return real !== undefined && fs.statSync(real).isDirectory() ? fs.readdirSync(real).sort() : undefined;
}
