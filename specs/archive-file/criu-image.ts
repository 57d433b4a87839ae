// Reads CRIU image files: magic numbers, then messages, each preceded by its size as a little-endian 32-bit word.
import { leadingWordCount } from '../../proto/criu-magic';
import { type CriuMessage, type CriuMessageName, criu } from '../../proto/load';
import { readAt, type SeekableSource } from './source';

/** Maximum size of a message, bytes. Messages of real images are smaller. */
const MAX_MESSAGE = 4 * 1024 * 1024;
const WINDOW = 256 * 1024;
const WORD = 4;

/** An error that says why an image cannot be read. */
export class BrokenImage extends Error {
  /** @param image path of the image in the archive */
  constructor(
    readonly image: string,
    readonly reason: string,
  ) {
    super(`${image} cannot be read: ${reason}`);
  }
}

/** An image in an archive. */
export interface CriuImage {
  readonly path: string;
  readonly content: SeekableSource;
  /** Number of 32-bit words before the first message; undefined if the first word determines it. */
  readonly leadingWords: number | undefined;
  /** Called for each message. Throws an error if there are too many messages. */
  count(path: string): void;
}

/**
 * Yields the bytes of each message, which are valid until the next message is read. Throws BrokenImage if a message is
 * empty or not complete.
 */
async function* frames({ path, content, leadingWords, count }: CriuImage): AsyncGenerator<Buffer> {
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  const take = async (at: number, length: number): Promise<Buffer | undefined> => {
    if (at + length > content.size) return undefined;
    if (at < start || at + length > start + window.length) {
      window = await readAt(content, at, Math.max(WINDOW, length));
      start = at;
    }
    return at + length > start + window.length ? undefined : window.subarray(at - start, at - start + length);
  };
  const first = leadingWords ?? leadingWordCount((await take(0, WORD))?.readUInt32LE(0) ?? 0);
  for (let at = WORD * first; at < content.size; ) {
    const size = (await take(at, WORD))?.readUInt32LE(0) ?? Number.POSITIVE_INFINITY;
    // All message types have required fields, so no message is empty. Without this check, a hole in a file would count
    // as millions of messages.
    if (size === 0) throw new BrokenImage(path, `its message at byte ${at} is empty`);
    const frame = size > MAX_MESSAGE ? undefined : await take(at + WORD, size);
    if (!frame) throw new BrokenImage(path, `its message at byte ${at} is not complete`);
    count(path);
    yield frame;
    at += WORD + size;
  }
}

/**
 * Yields the messages of an image, one at a time.
 *
 * @param skip number of messages of another type at the beginning of the image
 * @throws BrokenImage if a message cannot be read
 */
export async function* messagesIn<Name extends CriuMessageName>(
  image: CriuImage,
  name: Name,
  skip = 0,
): AsyncGenerator<CriuMessage<Name>> {
  const codec = criu(name);
  let index = 0;
  for await (const frame of frames(image)) {
    index += 1;
    if (index <= skip) continue;
    let message: CriuMessage<Name>;
    try {
      message = codec.decode(Buffer.from(frame));
    } catch {
      throw new BrokenImage(image.path, `its message ${index} is not a ${name}`);
    }
    yield message;
  }
}
