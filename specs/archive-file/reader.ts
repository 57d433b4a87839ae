// A checkpoint archive that is open for reading: its members by path, its JSON and its CRIU images.
import { isNativeError } from 'node:util/types';
import type { CriuMessage, CriuMessageName } from '../../proto/load';
import { expectThat, Unsupported } from '../subject/expect';
import { BrokenImage, messagesIn } from './criu-image';
import { imageMagic } from './criu-magic';
import { BadJson, checkJsonSize, parseJson } from './json';
import { type ArchiveSource, fileSource, readAt, type SeekableSource, sectionOf } from './source';
import { NotATar } from './tar-header';
import { type TarDefect, type TarMember, walkTar } from './tar-walk';

/** Messages that are read of all images together. Even a pagemap has one only where pages begin that are not in a row. */
const MAX_MESSAGES = 10_000_000;
const IMAGE = /^checkpoint\/[^/]+\.img$/;

/** JSON in an archive is missing, or is not what it should be. */
export class BadMember extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}

export class Archive {
  /** If several members have the same path, the last one counts, because it overwrites the others when unpacked. */
  readonly #byPath: ReadonlyMap<string, TarMember>;
  #messages = 0;

  private constructor(
    readonly source: ArchiveSource,
    readonly members: readonly TarMember[],
    readonly defects: readonly TarDefect[],
  ) {
    this.#byPath = new Map(members.map((member) => [member.path, member]));
  }

  /** Reads the headers of an archive, as far as they can be read. */
  static async of(source: ArchiveSource): Promise<Archive> {
    const members: TarMember[] = [];
    const defects: TarDefect[] = [];
    for await (const member of walkTar(source, (defect) => defects.push(defect))) members.push(member);
    if (members.length === 0 && defects.length === 0)
      defects.push({ kind: 'damaged', sentence: 'it is a tar without members' });
    return new Archive(source, members, defects);
  }

  /** Opens a file. Throws NotATar if it is not a complete tar with at least one member. */
  static async open(path: string): Promise<Archive> {
    const archive = await Archive.of(await fileSource(path));
    const defect = archive.defects.find(({ kind }) => kind !== 'limit');
    if (defect) throw new NotATar(defect.sentence);
    return archive;
  }

  member(path: string): TarMember | undefined {
    return this.#byPath.get(path);
  }

  /** Paths of all members, each once. */
  get paths(): Iterable<string> {
    return this.#byPath.keys();
  }

  /** Whether a runtime checkpointed with CRIU: others may write what they like. */
  get hasImages(): boolean {
    return this.members.some(({ path }) => IMAGE.test(path));
  }

  /** Returns the images whose paths match. Throws `Unsupported` if the archive has no CRIU images at all. */
  images(matches = IMAGE): readonly TarMember[] {
    if (!this.hasImages) throw new Unsupported('the archive has no CRIU images', 'not-offered');
    return this.members.filter(({ path }) => matches.test(path));
  }

  /** Returns the content of a member, as far as it is in the archive. */
  content({ offset, present }: TarMember): SeekableSource {
    return sectionOf(this.source, offset, present);
  }

  /** Reads the JSON of a member. Throws BadMember if it is missing or is not JSON. */
  async json(path: string): Promise<unknown> {
    const member = this.member(path);
    if (!member) throw new BadMember(path, 'it is not in the archive');
    try {
      checkJsonSize(member.size);
      return parseJson(await readAt(this.content(member), 0, member.present));
    } catch (error) {
      throw error instanceof BadJson ? new BadMember(path, error.message) : error;
    }
  }

  /** Reads a JSON object. Throws BadMember if the member is missing or does not contain one. */
  async jsonObject(path: string): Promise<Readonly<Record<string, unknown>>> {
    const value = await this.json(path);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new BadMember(path, 'it is not a JSON object');
    return { ...value };
  }

  /**
   * Reads the messages of an image; none if the archive does not have it.
   *
   * @param skip how many messages of another kind come first
   * @throws BrokenImage if one of them cannot be read
   */
  async *messages<Name extends CriuMessageName>(path: string, name: Name, skip = 0): AsyncGenerator<CriuMessage<Name>> {
    const member = this.member(path);
    if (!member) return;
    const count = () => {
      this.#messages += 1;
      if (this.#messages > MAX_MESSAGES) throw new BrokenImage(path, 'the archive has too many messages');
    };
    const image = { path, content: this.content(member), leadingWords: imageMagic(path)?.length, count };
    yield* messagesIn(image, name, skip);
  }

  /** Reads the first message of an image; undefined if there is none. Throws BrokenImage if it cannot be read. */
  async first<Name extends CriuMessageName>(path: string, name: Name): Promise<CriuMessage<Name> | undefined> {
    for await (const message of this.messages(path, name)) return message;
    return undefined;
  }
}

/** Returns why a file is not a complete archive; undefined if it is one. */
export async function archiveFault(path: string): Promise<string | undefined> {
  try {
    await Archive.open(path);
    return undefined;
  } catch (error) {
    if (error instanceof NotATar) return error.message;
    if (isNativeError(error) && 'code' in error) return `it cannot be opened (${error.code})`;
    throw error;
  }
}

/** Opens an archive that must be complete; otherwise the expectation `archive` fails. */
export async function openArchive(path: string): Promise<Archive> {
  const fault = await archiveFault(path);
  expectThat('archive', fault === undefined, `a whole tar archive at ${path}`, fault);
  return Archive.open(path);
}
