// Lists the tars in an archive, compressed or not, within limits for all of them together. Unpacks nothing.
import { errorText } from '../../fakes/base/error-text';
import { piecesOf } from '../../specs/archive-file/source';
import { NotATar } from '../../specs/archive-file/tar-header';
import { type TarMember, walkTar } from '../../specs/archive-file/tar-walk';
import type { Contents } from './contents';
import { compressionOf } from './decompress';
import { StreamSource } from './stream-source';

const PIECE = 256 * 1024;
/** Limit for the decompressed size of all members: bytes, or a multiple of the compressed size if that is more. */
const GROWTH = { bytes: 256 * 1024 * 1024, factor: 100 } as const;
/** Bytes. A member that decompresses to no more than this is not reported as the cause. */
const SMALL = 64 * 1024;

class Bomb extends Error {}

/** Gets the path of a member, which ends with a slash if it is a directory. */
type PathListener = (path: string) => void;

export class InnerTars {
  /** Sizes of all members decompressed so far, bytes. */
  #compressed = 0;
  #grown = 0;

  constructor(readonly contents: Contents) {}

  /** Reads a tar in the archive to its end. If it cannot be read, adds a finding. */
  async list(member: TarMember, onPath: PathListener): Promise<void> {
    const { path } = member;
    const { findings } = this.contents;
    try {
      await using source = new StreamSource(await this.#pieces(member), 0);
      const refuse = ({ sentence }: { sentence: string }) => {
        throw new NotATar(sentence);
      };
      for await (const { path: inner } of walkTar(source, refuse)) onPath(inner);
    } catch (error) {
      if (error instanceof Bomb) findings.add('inspect/decompression-bomb', `${path}: ${error.message}`, path);
      else findings.add('inspect/unreadable-image', `${path} cannot be read: ${errorText(error)}`, path);
    }
  }

  async #pieces(member: TarMember): Promise<() => AsyncIterable<Buffer>> {
    const content = this.contents.archive.content(member);
    const compression = await compressionOf(content);
    if (!compression) return () => piecesOf(content, PIECE);
    const { open, name } = compression;
    if (!open) throw new NotATar(`it is compressed with ${name}`);
    return () => this.#limited(open(piecesOf(content, PIECE)), member.present);
  }

  /** Throws Bomb if pieces exceed the limits. */
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
