// Writes reports into a directory. The directory is checked before the run, so that no results are lost.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorText } from '../../fakes/base/error-text';
import { makeDirectory } from '../../fakes/base/make-directory';
import { UserError } from '../../fakes/base/user-error';

export type ReportFiles = ReadonlyMap<string, string | Uint8Array>;

/** File modes of a report directory and of its files. */
export interface ReportModes {
  readonly file: number;
  readonly directory: number;
}

/** Modes for reports that only their owner may read, because they contain requests and responses. */
const PRIVATE: ReportModes = { file: 0o600, directory: 0o700 };

/**
 * Modes for Sonobuoy. The container that collects results may run as another user. Only containers of the pod can
 * access the directory.
 */
export const FOR_POD: ReportModes = { file: 0o644, directory: 0o755 };

const temporary = (directory: string, name: string) => path.join(directory, `.${name}.${randomUUID()}`);

/** Writes a new file and syncs it to disk. */
async function writeNew(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await fs.open(file, 'wx', mode);
  try {
    // Set the mode again, because the umask was applied to it when the file was opened.
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
   * Creates the directory if it is missing, and checks that it can be written.
   *
   * @param named beginning of the error message, such as `--report-dir out`
   * @throws UserError if the directory cannot be created or written
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
        `${named}: no report can be written there (${errorText(error)}); name a directory that can be created or written`,
      );
    }
    return made;
  }

  /** Absolute path. */
  get path(): string {
    return this.#directory;
  }

  /** Returns the path of a file of this name. */
  fileOf(name: string): string {
    return path.join(this.#directory, name);
  }

  /**
   * Writes all files or none. Renames each file into place, in the given order, so that a reader never sees an
   * incomplete file.
   *
   * @throws UserError if a file cannot be written
   */
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
      throw new UserError(`the report could not be written to ${this.#directory} (${errorText(error)}); run again`);
    }
  }
}
