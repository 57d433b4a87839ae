// Lists the names in a tar that comes piece by piece, such as one that is being decompressed.
import { BLOCK, NotATar } from '../../specs/archive-file/tar-header';
import { EXTENSIONS, type Extension, extended, MAX_EXTENSION, parseHeader } from './tar-scan';

/** Takes so many bytes at a time out of pieces of any size. */
class ByteReader {
  #left: Buffer = Buffer.alloc(0);
  readonly #pieces: AsyncIterator<Buffer>;

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Throws NotATar where fewer bytes are left. */
  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const part = await this.#next(missing);
      if (part === undefined) throw new NotATar('it ends in the middle of a member');
      // A piece may be filled anew once the next is asked for.
      parts.push(Buffer.from(part));
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Passes over bytes, fewer where it ends before. */
  async skip(length: number): Promise<void> {
    for (let missing = length; missing > 0; ) {
      const part = await this.#next(missing);
      if (part === undefined) return;
      missing -= part.length;
    }
  }

  async #next(most: number): Promise<Buffer | undefined> {
    if (this.#left.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done) return undefined;
      this.#left = value;
    }
    const part = this.#left.subarray(0, most);
    this.#left = this.#left.subarray(part.length);
    return part;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

/** Calls back with the name of each member, and reads to the very end. Throws NotATar on what is no tar. */
export async function listNames(pieces: AsyncIterable<Buffer>, onName: (name: string) => void): Promise<void> {
  const reader = new ByteReader(pieces);
  try {
    let extension: Extension = {};
    for (;;) {
      const header = await reader.take(BLOCK);
      if (header.every((byte) => byte === 0)) break;
      const { entry } = parseHeader(header, 0, extension, Number.MAX_SAFE_INTEGER);
      if (!EXTENSIONS.includes(entry.type)) {
        onName(entry.name);
        extension = {};
        await reader.skip(padded(entry.size));
        continue;
      }
      if (entry.size > MAX_EXTENSION) throw new NotATar(`a header extension claims ${entry.size} bytes`);
      const content = (await reader.take(padded(entry.size))).subarray(0, entry.size);
      extension = extended(extension, entry.type, content);
    }
    await reader.skip(Number.POSITIVE_INFINITY);
  } finally {
    await reader.close();
  }
}
