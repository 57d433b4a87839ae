// Makes frames of zstd without compression, for tests.

const MAX_BLOCK = 128 * 1024;
const HEAD_BYTES = 3;

/** Makes a frame with uncompressed blocks. */
export function zstdStored(content: Buffer): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(content.length));
  // A header with a window of 128 KiB, a content size in eight bytes, and no checksum.
  const pieces: Buffer[] = [Buffer.from('28b52ffdc038', 'hex'), size];
  for (let at = 0; at < content.length || at === 0; at += MAX_BLOCK) {
    const block = content.subarray(at, at + MAX_BLOCK);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntLE((block.length << 3) | (at + MAX_BLOCK >= content.length ? 1 : 0), 0, HEAD_BYTES);
    pieces.push(head, block);
  }
  return Buffer.concat(pieces);
}

/** Makes a skippable frame. */
export const zstdSkipped = (content: Buffer): Buffer => {
  const head = Buffer.from('502a4d1800000000', 'hex');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
};
