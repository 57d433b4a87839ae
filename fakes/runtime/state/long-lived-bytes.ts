// Allocates memory for long-lived bytes outside Node's shared pool, where they would prevent unrelated bytes from being
// freed.

const BLOCK_BYTES = 32 * 1024;
let block = Buffer.alloc(0);

/** Copies bytes into their own memory. */
export function unpooledCopy(bytes: Uint8Array): Buffer {
  if (bytes.length > BLOCK_BYTES / 4) return Buffer.from(bytes);
  if (block.length < bytes.length) block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const own = block.subarray(0, bytes.length);
  block = block.subarray(bytes.length);
  own.set(bytes);
  return own;
}
