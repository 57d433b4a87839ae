// A directory that reports are written into: tried before the run, so that no run is lost to a directory that takes nothing.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorText } from '../../fakes/base/error-text';
import { makeDirectory } from '../../fakes/base/make-directory';
import { UserError } from '../../fakes/base/user-error';

export type ReportFiles = ReadonlyMap<string, string | Uint8Array>;

/** Permissions of what is written. */
export interface ReportModes {
  readonly file: number;
  readonly directory: number;
}

/** Reports hold what went over the wires: they are for their owner. */
const PRIVATE: ReportModes = { file: 0o600, directory: 0o700 };

/** For Sonobuoy: the container that collects may run as another user, and the directory is the pod's own. */
export const FOR_POD: ReportModes = { file: 0o644, directory: 0o755 };

const temporary = (directory: string, name: string) => path.join(directory, `.${name}.${randomUUID()}`);

/** A new file, on the disk when this returns. */
async function writeNew(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await fs.open(file, 'wx', mode);
  try {
    // The umask takes from the mode that a file is opened with.
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export class ReportDirectory {
  readonly #directory: string;
  readonly #modes: ReportModes;

  private constructor(directory: string, modes: ReportModes) {
    this.#directory = directory;
    this.#modes = modes;
  }

  /**
   * Makes the directory where it is missing and tries to write into it.
   * Throws a UserError that begins with `named`, such as `--report-dir out`, where that cannot be done.
   */
  static async prepare(directory: string, named: string, modes: ReportModes = PRIVATE): Promise<ReportDirectory> {
    const made = new ReportDirectory(path.resolve(directory), modes);
    try {
      await makeDirectory(made.#directory, modes.directory);
      const trial = temporary(made.#directory, 'trial');
      await writeNew(trial, '', modes.file);
      await fs.rm(trial);
    } catch (error) {
      throw new UserError(
        `${named}: no report can be written there (${errorText(error)}); name a directory that can be made or written to`,
      );
    }
    return made;
  }

  /** Absolute. */
  get path(): string {
    return this.#directory;
  }

  /** Where a file of this name is written to. */
  fileOf(name: string): string {
    return path.join(this.#directory, name);
  }

  /** Writes all files or none, each in one step: a reader never sees half of one. Order is kept. */
  async write(files: ReportFiles): Promise<void> {
    const written: { from: string; to: string }[] = [];
    try {
      for (const [name, content] of files) {
        const from = temporary(this.#directory, name);
        written.push({ from, to: this.fileOf(name) });
        await writeNew(from, content, this.#modes.file);
      }
      for (const { from, to } of written) await fs.rename(from, to);
    } catch (error) {
      await Promise.all(written.map(({ from }) => fs.rm(from, { force: true })));
      throw new UserError(`the report could not be written into ${this.#directory} (${errorText(error)}); run again`);
    }
  }
}
