// Lists the contents of the tars in an archive, which may be compressed. The limits apply to all these tars together.
// No file is unpacked.
import { errorText } from '../../fakes/base/error-text';
import type { Archive } from '../../specs/archive-file/reader';
import { piecesOf } from '../../specs/archive-file/source';
import { NotATar } from '../../specs/archive-file/tar-header';
import { type TarMember, walkTar } from '../../specs/archive-file/tar-walk';
import { compressionOf } from './decompress';
import type { Findings } from './findings';
import { StreamSource } from './stream-source';

const PIECE = 256 * 1024;
/**
 * Limit for the decompressed size of all members: a number of bytes, or a multiple of the compressed size if that is
 * more.
 */
const GROWTH = { bytes: 256 * 1024 * 1024, factor: 100 } as const;
/**
 * Size of a small member, bytes. A member that decompresses to at most this size is not blamed if the limit is
 * exceeded.
 */
const SMALL = 64 * 1024;

/** Matches the paths of tars whose contents an inspection lists. */
const INNER = /^(rootfs-diff\.tar|devshm-checkpoint\.tar|volumes\/.*\.tar|checkpoint\/tmpfs-.*\.tar\.gz\.img)$/;

class Bomb extends Error {}

/** A function that is called with the path of each member. The path of a directory ends with a slash. */
type PathListener = (path: string) => void;

export class InnerTars {
  /** The compressed and the decompressed size of all members that were read so far, bytes. */
  #compressed = 0;
  #grown = 0;

  /** The paths in tars that were read during the walk through the archive, by the offset of the tar. */
  readonly #early = new Map<number, readonly string[]>();

  constructor(readonly findings: Findings) {}

  /**
   * Reads a tar during the walk through the archive, because reading a compressed archive again is slow.
   *
   * @returns whether the member is a tar that an inspection lists
   */
  async readEarly(archive: Archive, member: TarMember): Promise<boolean> {
    if (!INNER.test(member.path)) return false;
    const paths: string[] = [];
    await this.list(archive, member, (path) => paths.push(path));
    this.#early.set(member.offset, paths);
    return true;
  }

  /** Reads a tar in the archive to its end. If the tar cannot be read, adds a finding. */
  async list(archive: Archive, member: TarMember, onPath: PathListener): Promise<void> {
    const { path, offset } = member;
    const { findings } = this;
    const early = this.#early.get(offset);
    if (early) return early.forEach(onPath);
    try {
      await using source = new StreamSource(await this.#pieces(archive, member), { maxKept: 0 });
      const refuse = ({ sentence }: { sentence: string }) => {
        throw new NotATar(sentence);
      };
      for await (const { path: inner } of walkTar(source, refuse)) onPath(inner);
    } catch (error) {
      if (error instanceof Bomb) findings.add('inspect/decompression-bomb', `${path}: ${error.message}`, path);
      else findings.add('inspect/unreadable-image', `${path} cannot be read: ${errorText(error)}`, path);
    }
  }

  async #pieces(archive: Archive, member: TarMember): Promise<() => AsyncIterable<Buffer>> {
    const content = archive.content(member);
    const compression = await compressionOf(content);
    if (!compression) return () => piecesOf(content, PIECE);
    const { open, name } = compression;
    if (!open) throw new NotATar(`it is compressed with ${name}`);
    return () => this.#limited(open(piecesOf(content, PIECE)), member.present);
  }

  /** Yields pieces, and throws Bomb if they exceed the limits. */
  async *#limited(pieces: AsyncIterable<Buffer>, compressed: number): AsyncGenerator<Buffer> {
    this.#compressed += compressed;
    const most = Math.max(GROWTH.bytes, GROWTH.factor * this.#compressed);
    let grown = 0;
    for await (const piece of pieces) {
      grown += piece.length;
      this.#grown += piece.length;
      if (this.#grown > most && grown > Math.max(SMALL, GROWTH.factor * compressed))
        throw new Bomb(`${this.#compressed} bytes decompress to more than ${most}`);
      yield piece;
    }
  }
}
