// Checks which paths of this machine requests to the control address may name.
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../base/user-error';

/** A function that throws a UserError if a request must not use a path. */
export type RequirePath = (file: string) => void;

/** Maximum length of a path in Linux, bytes. */
const MAX_PATH_BYTES = 4096;

/** Resolves symbolic links as far as the path exists, because a link below a directory could lead out of it. */
function realPath(file: string): string {
  if (file.length > MAX_PATH_BYTES) return '/';
  try {
    return fs.realpathSync(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realPath(parent), path.basename(file));
  }
}

/**
 * Returns the check for paths in requests. Without the check, any client of the control address could read the files of
 * the user who started the fakes.
 * @param directories the directories that the user named
 */
export function allowedPaths(directories: readonly string[]): RequirePath {
  const roots = directories.map((directory) => realPath(path.resolve(directory)));
  return (file) => {
    const relative = roots.map((root) => path.relative(root, realPath(path.resolve(file))));
    if (relative.some((rest) => rest !== '..' && !rest.startsWith('../'))) return;
    throw new UserError(
      `${file} is not below a directory that the control address may use: name its directory with --control-directory`,
    );
  };
}
