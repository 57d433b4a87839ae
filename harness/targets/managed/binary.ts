// The kubelet binary that a user names: where it is, and which Kubernetes it says it is of.

import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../fakes/base/user-error';

/** Time for a binary to say its version, milliseconds. */
const PATIENCE_MS = 30_000;
/** Build metadata by which a stand-in of ours can be told. */
const OURS = '+ckptest';

export interface KubeletBinary {
  /** Absolute. */
  readonly file: string;
  /** As `v1.36.2`; undefined where it did not say. */
  readonly version: string | undefined;
  /** Whether it is the fake kubelet, which plays any version. */
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

/** A path, or a name that the shell would find. Throws UserError where there is no program. */
async function find(given: string): Promise<string> {
  const directories = given.includes('/') ? ['.'] : (process.env['PATH'] ?? '').split(path.delimiter);
  for (const directory of directories) {
    const file = path.resolve(directory, given);
    if (await isProgram(file)) return file;
  }
  throw new UserError(`--kubelet-binary ${given}: there is no such program; give the path of one that may be executed`);
}

/** What it prints for `--version`; nothing where it fails or takes too long. */
function versionText(file: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE_MS, killSignal: 'SIGKILL', signal } as const;
    execFile(file, [...args, '--version'], options, (error, out) => resolve(error ? '' : out));
  });
}

/**
 * Finds it and asks for its version.
 * @param words arguments that it is always given
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
