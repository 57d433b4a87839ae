// Reads an open checkpoint archive: its members by name, and their JSON.
import path from 'node:path';
import { type GoStruct, readGoJson } from '../../go/json-errors';
import { ArchiveError } from '../archive-error';
import { FileSource } from '../tar/byte-source';
import { type IndexedMember, indexTar } from '../tar/tar-index';

/** Maximum size of a metadata file or an image, bytes. Larger files are refused. */
const MAX_READ = 64 * 1024 * 1024;

/** An object from JSON, whose members may be anything. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An open archive. Dispose of it to close the file. */
export class CheckpointArchive implements AsyncDisposable {
  readonly #members: ReadonlyMap<string, IndexedMember>;

  private constructor(
    readonly file: string,
    readonly source: FileSource,
    /** Names of all members exactly as in the archive, in its order. */
    readonly names: readonly string[],
    members: readonly IndexedMember[],
  ) {
    // If several members have the same name, use the last one: it overwrites the others when the archive is unpacked.
    this.#members = new Map(members.map((member) => [path.posix.normalize(member.name).replace(/\/$/, ''), member]));
  }

  /**
   * Opens an archive.
   *
   * @param file path of the archive
   * @throws ArchiveError if the file cannot be read or is not a complete tar
   */
  static async open(file: string): Promise<CheckpointArchive> {
    const source = await FileSource.open(file);
    try {
      const members = await indexTar(source);
      return new CheckpointArchive(
        file,
        source,
        members.map(({ name }) => name),
        members,
      );
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Returns whether there is a member with this name, of any type. */
  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** Returns the file with this name; undefined if there is no such file. */
  member(name: string): IndexedMember | undefined {
    const found = this.#members.get(name);
    return found?.type === 'file' ? found : undefined;
  }

  /** Returns the names of the files whose names have this prefix, in the order of the archive. */
  namesWithPrefix(prefix: string): readonly string[] {
    return [...this.#members].filter(([name, { type }]) => type === 'file' && name.startsWith(prefix)).map(([n]) => n);
  }

  /**
   * Reads a file.
   *
   * @throws ArchiveError `no-member` if there is no such file, `broken-member` if it is too large
   */
  async bytes(name: string): Promise<Buffer> {
    const member = this.member(name);
    if (!member) throw new ArchiveError('no-member', 'no such file or directory', name);
    if (member.size > MAX_READ) throw new ArchiveError('broken-member', `it has ${member.size} bytes`, name);
    return this.source.read(member.offset, member.size);
  }

  /**
   * Reads a file that contains a JSON object.
   *
   * @param struct the Go type into which runtimes decode the file, for error messages
   * @throws ArchiveError `no-member`, `broken-member` or `broken-json` if the file cannot be read
   */
  async json(name: string, struct: GoStruct): Promise<JsonObject> {
    const read = readGoJson((await this.bytes(name)).toString(), struct);
    if ('error' in read) throw new ArchiveError('broken-json', read.error, name);
    return read.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
  }
}

/** Returns a JSON value if it is an object, otherwise an empty object. */
export const objectIn = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** Returns a JSON value if it is an array, otherwise an empty array. */
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Returns a JSON value if it is a string, otherwise an empty string. */
export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Returns the strings in a JSON array; an empty list if the value is not an array. */
export const textsIn = (value: unknown): string[] => listIn(value).filter((one) => typeof one === 'string');

/** Returns the members of a JSON object whose values are strings, such as annotations and labels. */
export const mapIn = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(objectIn(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
