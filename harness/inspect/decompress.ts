// Decompresses formats that can be decompressed in constant memory, and names a command for all other formats.
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { XzReadableStream } from 'xz-decompress';
import { readAt, type SeekableSource } from '../../specs/archive-file/source';

type Pieces = AsyncIterable<Buffer>;

export interface Compression {
  readonly name: string;
  /** Matches the first bytes of a file, in hexadecimal. */
  readonly magic: RegExp;
  /** The command that decompresses from standard input to standard output. */
  readonly command: string;
  /**
   * Decompresses pieces. Each piece is valid until the next one is requested. Undefined if this program cannot
   * decompress the format.
   */
  readonly open?: (pieces: Pieces) => Pieces;
}

/** Number of bytes that are passed to fzstd at once. So few bytes decompress to at most 128 blocks of 128 KiB. */
const ZSTD_BYTES = 512;

const COMPRESSIONS: readonly Compression[] = [
  { name: 'gzip', magic: /^1f8b/, command: 'gzip -dc', open: (pieces) => through(pieces, zlib.createGunzip()) },
  // pzstd writes a skippable frame first.
  { name: 'zstd', magic: /^(28b52ffd|5.2a4d18)/, command: 'zstd -dc', open: unzstd },
  { name: 'xz', magic: /^fd377a585a00/, command: 'xz -dc', open: unxz },
  { name: 'bzip2', magic: /^425a68[3][1-9]/, command: 'bzip2 -dc' },
  { name: 'lz4', magic: /^(04224d18|02214c18)/, command: 'lz4 -dc' },
  { name: 'lzip', magic: /^4c5a4950/, command: 'lzip -dc' },
  { name: 'compress', magic: /^1f9d/, command: 'gzip -dc' },
];

/** Returns the compression of a source, whatever its name; undefined if it is not compressed. */
export async function compressionOf(source: SeekableSource): Promise<Compression | undefined> {
  const head = (await readAt(source, 0, 6)).toString('hex');
  return COMPRESSIONS.find(({ magic }) => magic.test(head));
}

/** Passes pieces through a zlib stream. */
async function* through(pieces: Pieces, stream: zlib.Gunzip): AsyncGenerator<Buffer> {
  let wake = () => {};
  stream.on('drain', () => wake()).once('close', () => wake());
  const feed = (async () => {
    try {
      for await (const piece of pieces) {
        if (stream.destroyed) return;
        // Copy each piece, because the stream may still read it when the buffer is filled again.
        if (!stream.write(Buffer.from(piece)) && !stream.destroyed)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
      if (!stream.destroyed) stream.end();
    } catch (error) {
      stream.destroy(error instanceof Error ? error : undefined);
    }
  })();
  try {
    for await (const piece of stream) yield piece;
  } finally {
    stream.destroy();
    await feed;
  }
}

/** Decompresses zstd. Node supports zstd since 22.15. In older versions a slower JavaScript library is used. */
function unzstd(pieces: Pieces): Pieces {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  return typeof create === 'function' ? through(pieces, create()) : unzstdByLibrary(pieces);
}

async function* unzstdByLibrary(pieces: Pieces): AsyncGenerator<Buffer> {
  const blocks: Uint8Array[] = [];
  const stream = new Decompress((block) => blocks.push(block));
  function* taken(): Generator<Buffer> {
    for (const { buffer, byteOffset, length } of blocks.splice(0)) yield Buffer.from(buffer, byteOffset, length);
  }
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += ZSTD_BYTES) {
      stream.push(Buffer.from(piece.subarray(at, at + ZSTD_BYTES)));
      yield* taken();
    }
  stream.push(Buffer.alloc(0), true);
  yield* taken();
}

async function* unxz(pieces: Pieces): AsyncGenerator<Buffer> {
  async function* copies() {
    for await (const piece of pieces) yield Uint8Array.from(piece);
  }
  const stream = new XzReadableStream(ReadableStream.from(copies()));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield Buffer.from(value.buffer, value.byteOffset, value.length);
    }
  } finally {
    // Ignore the error: a stream that has failed cannot be canceled.
    await reader.cancel().catch(() => {});
  }
}
