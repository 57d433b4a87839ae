// A checkpoint archive that is open for reading: its members by name, and what the metadata among them says.
import path from 'node:path';
import { type GoStruct, readGoJson } from '../../go/json-errors';
import { ArchiveError } from '../archive-error';
import { FileSource } from '../tar/byte-source';
import { type IndexedMember, indexTar } from '../tar/tar-index';

/** Metadata and images beyond this size are not read, bytes. */
const MAX_READ = 64 * 1024 * 1024;

export type JsonObject = Readonly<Record<string, unknown>>;

export class CheckpointArchive implements AsyncDisposable {
  readonly #members: ReadonlyMap<string, IndexedMember>;

  private constructor(
    readonly file: string,
    readonly source: FileSource,
    /** Names as they stand in the archive, in order. */
    readonly names: readonly string[],
    members: readonly IndexedMember[],
  ) {
    // Unpacked into one folder, the last of several members with one name is the one that stays.
    this.#members = new Map(members.map((member) => [path.posix.normalize(member.name).replace(/\/$/, ''), member]));
  }

  /** Throws an ArchiveError where the file cannot be read or is no whole tar. */
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

  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** A file among the members; undefined where there is none of this name. */
  member(name: string): IndexedMember | undefined {
    const found = this.#members.get(name);
    return found?.type === 'file' ? found : undefined;
  }

  /** Names of the files whose names begin so, in the order of the archive. */
  namesFrom(start: string): readonly string[] {
    return [...this.#members].filter(([name, { type }]) => type === 'file' && name.startsWith(start)).map(([n]) => n);
  }

  /** The content of a file; throws an ArchiveError where there is none, or too much of it. */
  async bytes(name: string): Promise<Buffer> {
    const member = this.member(name);
    if (!member) throw new ArchiveError('no-member', 'no such file or directory', name);
    if (member.size > MAX_READ) throw new ArchiveError('broken-member', `it has ${member.size} bytes`, name);
    return this.source.read(member.offset, member.size);
  }

  /** A JSON object; throws an ArchiveError where there is none that can be read. */
  async json(name: string, struct: GoStruct): Promise<JsonObject> {
    const read = readGoJson((await this.bytes(name)).toString(), struct);
    if ('error' in read) throw new ArchiveError('broken-json', read.error, name);
    return read.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
  }
}

/** An object in JSON that may be anything; an empty one where it is none. */
export const objectIn = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

export const textsIn = (value: unknown): string[] => listIn(value).filter((one) => typeof one === 'string');

/** The text members of an object, as a map of annotations or labels has them. */
export const mapIn = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(objectIn(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
