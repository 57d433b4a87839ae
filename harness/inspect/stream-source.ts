// Provides random access to bytes that can only be read in order, such as the bytes of a compressed file.
import { UserError } from '../../fakes/base/user-error';
import type { SeekableSource } from '../../specs/archive-file/source';

/** Maximum size of a read that is kept, bytes. */
const MAX_PART = 1024 * 1024;
export interface StreamOptions {
  /** Maximum number of bytes that are kept. */
  readonly maxKept: number;
  /** Maximum number of times that the stream is opened again, each time from its beginning. Default: none. */
  readonly maxRestarts?: number;
  /** The message of the UserError if `maxRestarts` is exceeded. */
  readonly refusal?: string;
}

interface Kept {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * Reads forward and keeps short reads, which are headers and small members of an archive. To read earlier bytes that
 * were not kept, opens the stream again.
 */
export class StreamSource implements SeekableSource, AsyncDisposable {
  #size = Number.POSITIVE_INFINITY;
  #pieces: AsyncIterator<Buffer>;
  /** The rest of the current piece. */
  #left: Buffer = Buffer.alloc(0);
  #position = 0;
  readonly #kept: Kept[] = [];
  #keptTo = 0;
  #keptBytes = 0;
  #restarts = 0;

  readonly #options: StreamOptions;

  /** @param open opens the stream at its beginning. A piece must be valid until the next one is requested */
  constructor(
    readonly open: () => AsyncIterable<Buffer>,
    options: StreamOptions,
  ) {
    this.#options = options;
    this.#pieces = open()[Symbol.asyncIterator]();
  }

  /** The size in bytes; infinite until the end of the stream is reached. */
  get size(): number {
    return this.#size;
  }

  async fill(buffer: Buffer, at: number): Promise<number> {
    let filled = 0;
    while (filled < buffer.length) {
      const kept = this.#keptAt(at + filled);
      if (!kept) break;
      filled += kept.bytes.copy(buffer, filled, at + filled - kept.at);
    }
    if (filled === buffer.length || at + filled >= this.#size) return filled;
    await this.#moveTo(at + filled);
    const isKept = buffer.length < MAX_PART;
    const from = filled;
    while (filled < buffer.length) {
      const part = await this.#take(buffer.length - filled);
      if (!part) break;
      part.copy(buffer, filled);
      filled += part.length;
    }
    if (isKept) this.#keep(at + from, buffer.subarray(from, filled));
    return filled;
  }

  async #moveTo(at: number): Promise<void> {
    if (at < this.#position) {
      this.#restarts += 1;
      if (this.#restarts > (this.#options.maxRestarts ?? 0))
        throw new UserError(this.#options.refusal ?? 'it is read twice');
      await this[Symbol.asyncDispose]();
      this.#pieces = this.open()[Symbol.asyncIterator]();
      this.#left = Buffer.alloc(0);
      this.#position = 0;
    }
    const isKept = at - this.#position <= MAX_PART;
    while (this.#position < at) {
      const start = this.#position;
      const part = await this.#take(at - start);
      if (!part) return;
      if (isKept) this.#keep(start, part);
    }
  }

  async #take(length: number): Promise<Buffer | undefined> {
    if (this.#left.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done) {
        this.#size = this.#position;
        return undefined;
      }
      this.#left = value;
    }
    const part = this.#left.subarray(0, length);
    this.#left = this.#left.subarray(part.length);
    this.#position += part.length;
    return part;
  }

  /** Keeps a copy of bytes in their order, unless they are already kept. */
  #keep(at: number, bytes: Buffer): void {
    if (at < this.#keptTo || bytes.length === 0 || this.#keptBytes + bytes.length > this.#options.maxKept) return;
    this.#kept.push({ at, bytes: Buffer.from(bytes) });
    this.#keptTo = at + bytes.length;
    this.#keptBytes += bytes.length;
  }

  #keptAt(at: number): Kept | undefined {
    let [low, high] = [0, this.#kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { at: start = 0, bytes } = this.#kept[middle] ?? {};
      if (start + (bytes?.length ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const found = this.#kept[low];
    return found && found.at <= at ? found : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return?.();
  }
}
