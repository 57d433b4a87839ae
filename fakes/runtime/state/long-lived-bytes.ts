// A place for bytes that stay for long: in Node's pool they would keep alive whatever was there beside them.

const BLOCK_BYTES = 32 * 1024;
let block = Buffer.alloc(0);

/** A copy of bytes that are to stay. */
export function unpooledCopy(bytes: Uint8Array): Buffer {
  if (bytes.length > BLOCK_BYTES / 4) return Buffer.from(bytes);
  if (block.length < bytes.length) block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const own = block.subarray(0, bytes.length);
  block = block.subarray(bytes.length);
  own.set(bytes);
  return own;
}
