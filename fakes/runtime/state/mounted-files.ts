// Reads the host files that a container sees through its mounts. Simulated programs never change these files: what they
// write stays inside the simulation.
import fs from 'node:fs';
import path from 'node:path';
import type { Mount } from '../../../proto/types/runtime/v1/Mount';

/** Maximum size of a visible file, bytes. Larger files are hidden. */
const MAX_FILE = 1024 * 1024;

export const isBelow = (file: string, directory: string) =>
  file === directory || file.startsWith(`${directory.replace(/\/$/, '')}/`);

/** Returns the innermost mount that contains an absolute path of the container. */
export function mountOf(mounts: readonly Mount[], file: string): Mount | undefined {
  return mounts
    .filter(({ container_path }) => isBelow(file, container_path))
    .sort((a, b) => b.container_path.length - a.container_path.length)[0];
}

/** Returns the host path of an absolute path in the container, or undefined if the path is not below a mount. */
function onHost(mounts: readonly Mount[], file: string): string | undefined {
  const mount = mountOf(mounts, file);
  if (!mount || !path.isAbsolute(mount.host_path)) return undefined;
  try {
    const root = fs.realpathSync(mount.host_path);
    const real = fs.realpathSync(path.join(root, path.relative(mount.container_path, file)));
    // Do not follow a symbolic link out of the mount: in a real container the link would have a different target.
    return isBelow(real, root) ? real : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the text of a mounted file, or undefined if the file does not exist, is not a regular file, or is too large.
 */
export function mountedText(mounts: readonly Mount[], file: string): string | undefined {
  const real = onHost(mounts, file);
  if (real === undefined) return undefined;
  const { size } = fs.statSync(real);
  return fs.statSync(real).isFile() && size <= MAX_FILE ? fs.readFileSync(real, 'utf8') : undefined;
}

/** Returns the names in a mounted directory, or undefined if the directory does not exist. */
export function mountedNames(mounts: readonly Mount[], directory: string): readonly string[] | undefined {
  const real = onHost(mounts, directory);
  return real !== undefined && fs.statSync(real).isDirectory() ? fs.readdirSync(real).sort() : undefined;
}
