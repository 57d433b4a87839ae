// Opens a source of plain bytes from a file that may be compressed.
import { errorText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import { type ArchiveSource, piecesOf } from '../../specs/archive-file/source';
import { compressionOf } from './decompress';
import { StreamSource } from './stream-source';

/** Maximum number of bytes of headers and small members that are kept from a compressed archive. */
const MAX_KEPT = 64 * 1024 * 1024;
/** Maximum number of times that a compressed archive is read from its beginning. */
const MAX_RESTARTS = 20;
/** Limit for the decompressed size: a number of bytes, or a multiple of the compressed size if that is more. */
const GROWTH = { bytes: 16 * 1024 ** 3, factor: 100 } as const;

export interface PlainSource extends AsyncDisposable {
  readonly source: ArchiveSource;
  /** The compression format; undefined if the source is not compressed. */
  readonly compression: string | undefined;
  /** Whether reading bytes a second time is slow. */
  readonly isSlow: boolean;
}

/** Returns a source for a stream that can be read only once, such as standard input. */
export function onceSource(pieces: AsyncIterable<Buffer>, name: string): StreamSource {
  const refusal = `${name}: it would have to be read twice; write it to a file, and inspect that`;
  return new StreamSource(() => pieces, { maxKept: MAX_KEPT, refusal });
}

/** Quotes a text for a shell. */
const quoted = (text: string) => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * Opens a source of plain bytes.
 *
 * @param name name of the source in messages
 * @param isFile whether the name is the path of a file, which a command can decompress
 * @param isSlow whether the source is slow to read again
 * @throws UserError if this program cannot decompress the source. Reading the returned source throws a UserError if the
 * data are damaged
 */
export async function plainSource(
  source: ArchiveSource,
  name: string,
  { isFile, isSlow }: { readonly isFile: boolean; readonly isSlow: boolean },
): Promise<PlainSource> {
  const found = await compressionOf(source);
  if (!found)
    return {
      source,
      compression: undefined,
      isSlow,
      [Symbol.asyncDispose]: async () => {},
    };
  const { open, command, name: compression } = found;
  const plain = `${name.replace(/\.(gz|zst|zstd|xz|bz2|lz4|lz|Z)$/, '')}.plain`;
  const advice = isFile ? `; run \`${command} < ${quoted(name)} > ${quoted(plain)}\`, and inspect that` : '';
  if (!open) throw new UserError(`${name}: it is compressed with ${compression}, which cannot be read here${advice}`);
  const most = Math.max(GROWTH.bytes, GROWTH.factor * source.size);
  async function* pieces(): AsyncGenerator<Buffer> {
    let bytes = 0;
    try {
      for await (const piece of open?.(piecesOf(source)) ?? []) {
        bytes += piece.length;
        if (bytes > most) throw new UserError(`${name}: it decompresses to more than ${most} bytes${advice}`);
        yield piece;
      }
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`${name}: its ${compression} data are damaged (${errorText(error)})`);
    }
  }
  const refusal = `${name}: its small files are too many to inspect them compressed${advice}`;
  const stream = new StreamSource(pieces, { maxKept: MAX_KEPT, maxRestarts: MAX_RESTARTS, refusal });
  return {
    source: Object.assign(stream, { mode: source.mode }),
    compression,
    isSlow: true,
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
