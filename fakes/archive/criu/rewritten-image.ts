// Replaces texts in a CRIU image with texts of any length, and corrects the sizes of the messages that contain them.
import { imageFrames } from './criu-image';

/** Largest size of a protobuf varint in bytes. */
const MAX_VARINT_BYTES = 10;
const WIRE = { varint: 0, eightBytes: 1, sized: 2, fourBytes: 5 } as const;
const SIZES: Readonly<Record<number, number>> = { [WIRE.eightBytes]: 8, [WIRE.fourBytes]: 4 };

const WORD = 4;

function varintAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.from([...bytes, left]);
}

/** Returns whether bytes are a path or a name. A message is neither, because it always contains control characters. */
const isText = (bytes: Buffer) => bytes.every((byte) => byte >= 0x20 && byte !== 0x7f);

/** Replaces the texts in a message. Returns undefined if the bytes are not a message. */
function rewriteMessage(bytes: Buffer, replace: (text: string) => string): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at);
    if (!tag) return undefined;
    const wire = tag.value % 8;
    if (wire === WIRE.sized) {
      const length = varintAt(bytes, tag.end);
      const end = length ? length.end + length.value : Number.POSITIVE_INFINITY;
      if (!length || end > bytes.length) return undefined;
      const content = rewriteContent(bytes.subarray(length.end, end), replace);
      parts.push(bytes.subarray(at, tag.end), varint(content.length), content);
      at = end;
      continue;
    }
    const size = SIZES[wire];
    const end = wire === WIRE.varint ? varintAt(bytes, tag.end)?.end : size && tag.end + size;
    if (end === undefined || end > bytes.length) return undefined;
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function rewriteContent(bytes: Buffer, replace: (text: string) => string): Buffer {
  const replaced = Buffer.from(replace(bytes.toString('latin1')), 'latin1');
  if (replaced.equals(bytes)) return bytes;
  return isText(bytes) ? replaced : (rewriteMessage(bytes, replace) ?? replaced);
}

/**
 * Replaces the texts in an image.
 * @param replace called with a text in Latin-1; returns the text that replaces it
 * @returns the new image; the same image if it does not consist of messages
 */
export function rewriteImage(image: Buffer, replace: (text: string) => string): Buffer {
  const frames = imageFrames(image);
  if (!frames) return image;
  const framed = frames.reduce((sum, { length }) => sum + WORD + length, 0);
  const parts = [image.subarray(0, image.length - framed)];
  for (const frame of frames) {
    const message = rewriteContent(frame, replace);
    const head = Buffer.alloc(WORD);
    head.writeUInt32LE(message.length);
    parts.push(head, message);
  }
  return Buffer.concat(parts);
}
