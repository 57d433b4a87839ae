// Reads a CRIU image file: magic numbers, then entries that are a little-endian size and a protobuf message.
import { leadingWordCount } from '../../proto/criu-magic';
import { type CriuMessage, type CriuMessageName, criu } from '../../proto/load';
import { Violation } from '../subject/expect';

/** The entries of an image, or its first `limit`; label `criu-image` where it cannot be read. */
export function readImage<Name extends CriuMessageName>(
  name: Name,
  image: Buffer,
  limit = Number.POSITIVE_INFINITY,
): CriuMessage<Name>[] {
  const codec = criu(name);
  const entries: CriuMessage<Name>[] = [];
  try {
    let at = 4 * leadingWordCount(image.readUInt32LE(0));
    while (at < image.length && entries.length < limit) {
      const size = image.readUInt32LE(at);
      at += 4;
      if (at + size > image.length) throw new RangeError('an entry is longer than the image');
      entries.push(codec.decode(image.subarray(at, at + size)));
      at += size;
    }
  } catch (error) {
    throw new Violation('criu-image', `an image of ${name}`, error instanceof Error ? error.message : String(error));
  }
  return entries;
}
