// Reads an open checkpoint archive: its members by path, its JSON and its CRIU images.
import { isNativeError } from 'node:util/types';
import type { CriuMessage, CriuMessageName } from '../../proto/load';
import { expectThat, Unsupported } from '../subject/expect';
import { BrokenImage, messagesIn } from './criu-image';
import { imageMagic } from './criu-magic';
import { BadJson, checkJsonSize, parseJson } from './json';
import { type ArchiveSource, fileSource, readAt, type SeekableSource, sectionOf } from './source';
import { NotATar } from './tar-header';
import { withHoles } from './tar-sparse';
import { type TarDefect, type TarMember, walkTar } from './tar-walk';

/**
 * Maximum number of messages in all images together. Even large images have few messages, because a pagemap has one
 * message for each range of consecutive pages.
 */
const MAX_MESSAGES = 10_000_000;
const IMAGE = /^checkpoint\/[^/]+\.img$/;
/** Matches the files of gVisor, whose format differs from CRIU's. CRIU uses none of these names. */
export const GVISOR = /^checkpoint\/(checkpoint|pages|pages_meta)\.img$/;

/** An error that says why JSON in an archive is missing or not valid. */
export class BadMember extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}

/**
 * Members with more bytes than this are large. Large members are read during the walk through the archive if possible.
 */
const LARGE = 1024 * 1024;
export type LargeMemberListener = (archive: Archive, member: TarMember) => Promise<void>;

export class Archive {
  /**
   * If several members have the same path, the last one is used, because it overwrites the others when the archive is
   * unpacked.
   */
  readonly #byPath: ReadonlyMap<string, TarMember>;
  /** Whether the runtime used CRIU. If not, the runtime decides what the archive contains. */
  readonly hasImages: boolean;
  /** Whether members may be missing because the archive is truncated. */
  readonly isCut: boolean;
  #messages = 0;

  private constructor(
    readonly source: ArchiveSource,
    readonly members: readonly TarMember[],
    readonly defects: readonly TarDefect[],
  ) {
    this.#byPath = new Map(members.map((member) => [member.path, member]));
    this.isCut = defects.some(({ isCut }) => isCut);
    this.hasImages = members.some(({ path }) => IMAGE.test(path) && !GVISOR.test(path));
  }

  /**
   * Reads the headers of an archive and collects its defects in `defects`.
   *
   * @param directory directory to which all paths are relative, such as `checkpoint/` for a tar that contains only CRIU
   * images
   * @param onLarge called during the walk for each large member, for sources that are slow to read again
   */
  static async of(source: ArchiveSource, directory = '', onLarge?: LargeMemberListener): Promise<Archive> {
    const members: TarMember[] = [];
    const defects: TarDefect[] = [];
    for await (const found of walkTar(source, (defect) => defects.push(defect))) {
      const member = { ...found, path: directory + found.path };
      members.push(member);
      if (member.present > LARGE) await onLarge?.(new Archive(source, [...members], []), member);
    }
    if (members.length === 0 && defects.length === 0)
      defects.push({ kind: 'damaged', sentence: 'it is a tar without members' });
    return new Archive(source, members, defects);
  }

  /**
   * Opens a file.
   *
   * @throws NotATar if the file is not a complete tar with at least one member
   */
  static async open(path: string): Promise<Archive> {
    const archive = await Archive.of(await fileSource(path));
    const defect = archive.defects.find(({ kind }) => kind !== 'limit');
    if (defect) throw new NotATar(defect.sentence);
    return archive;
  }

  member(path: string): TarMember | undefined {
    return this.#byPath.get(path);
  }

  /** The paths of all members, without duplicates. */
  get paths(): Iterable<string> {
    return this.#byPath.keys();
  }

  /** Returns the images with matching paths. Throws `Unsupported` if the archive has no CRIU images. */
  images(matches = IMAGE): readonly TarMember[] {
    if (!this.hasImages) throw new Unsupported('the archive has no CRIU images', 'not-offered');
    return this.members.filter(({ path }) => matches.test(path));
  }

  /** Returns the part of a member's content that is in the archive. */
  content({ offset, present, sparse }: TarMember): SeekableSource {
    return sparse && present > 0 ? withHoles(this.source, sparse) : sectionOf(this.source, offset, present);
  }

  /** Returns the JSON of a member. Throws BadMember if the member is missing or not JSON. */
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

  /** Returns the JSON object in a member. Throws BadMember if the member is missing or not an object. */
  async jsonObject(path: string): Promise<Readonly<Record<string, unknown>>> {
    const value = await this.json(path);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new BadMember(path, 'it is not a JSON object');
    return { ...value };
  }

  /**
   * Yields the messages of an image; none if the archive does not contain it.
   *
   * @param skip number of messages of another type at the beginning of the image
   * @throws BrokenImage if a message cannot be read
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

  /**
   * Returns the first message of an image; undefined if the image has no message. Throws BrokenImage if the message
   * cannot be read.
   */
  async first<Name extends CriuMessageName>(path: string, name: Name): Promise<CriuMessage<Name> | undefined> {
    for await (const message of this.messages(path, name)) return message;
    return undefined;
  }
}

/** Returns why a file is not a complete archive; undefined if the archive is complete. */
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

/** Opens a complete archive. If the archive is not complete, the failure has the label `archive`. */
export async function openArchive(path: string): Promise<Archive> {
  const fault = await archiveFault(path);
  expectThat('archive', fault === undefined, 'a complete tar archive', `The archive ${path} cannot be read: ${fault}`);
  return Archive.open(path);
}
