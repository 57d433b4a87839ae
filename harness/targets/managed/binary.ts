// Finds the kubelet binary that a user names, and determines its version.

import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../fakes/base/user-error';

/** Time limit for printing the version, milliseconds. */
const PATIENCE_MS = 30_000;
/** The build metadata in the version of the fake kubelet. */
const OURS = '+ckptest';

export interface KubeletBinary {
  /** Absolute path. */
  readonly file: string;
  /** Version such as `v1.36.2`; undefined if the binary did not print one. */
  readonly version: string | undefined;
  /** Whether the binary is the fake kubelet, which can simulate any version. */
  readonly isFake: boolean;
}

async function isProgram(file: string): Promise<boolean> {
  const isFile = await fs.stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  return (
    isFile &&
    (await fs.access(file, fs.constants.X_OK).then(
      () => true,
      () => false,
    ))
  );
}

/**
 * Returns the absolute path of a program, given by a path or a name on PATH. Throws UserError if there is no such
 * program.
 */
async function find(given: string): Promise<string> {
  const directories = given.includes('/') ? ['.'] : (process.env['PATH'] ?? '').split(path.delimiter);
  for (const directory of directories) {
    const file = path.resolve(directory, given);
    if (await isProgram(file)) return file;
  }
  throw new UserError(`--kubelet-binary ${given}: there is no such program; give the path of an executable file`);
}

/** Returns the output of `--version`; empty if the program fails or takes too long. */
function versionText(file: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE_MS, killSignal: 'SIGKILL', signal } as const;
    execFile(file, [...args, '--version'], options, (error, out) => resolve(error ? '' : out));
  });
}

/**
 * Finds the binary and determines its version.
 *
 * @param given a path, or a name on PATH
 * @param args arguments that come before all others
 * @throws UserError if there is no such program
 */
export async function kubeletBinary(
  given: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<KubeletBinary> {
  const file = await find(given);
  const [, version] = /^Kubernetes (v1\.\d+\S*)$/m.exec(await versionText(file, args, signal)) ?? [];
  return { file, version, isFake: version?.endsWith(OURS) ?? false };
}
