// Parses JSON from an untrusted source. Rejects JSON that would need much more memory than its text.

/** Maximum size of a JSON text, bytes. The metadata of a container with a large environment is smaller. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Maximum number of values in a JSON text. Each value may need a hundred bytes of memory. */
const MAX_VALUES = 200_000;

/** An error that says that a text is too large or is not JSON. */
export class BadJson extends Error {}

/** Throws BadJson if a text of this size, in bytes, is too large. */
export function checkJsonSize(bytes: number): void {
  if (bytes > MAX_BYTES) throw new BadJson(`it has ${bytes} bytes, but metadata has at most ${MAX_BYTES}`);
}

/**
 * Parses a JSON text.
 *
 * @throws BadJson if the text is too large, is not JSON, or contains too many values
 */
export function parseJson(bytes: Buffer): unknown {
  checkJsonSize(bytes.length);
  // Counts the characters that can precede a value. Such characters inside strings are counted too, but are rare in
  // metadata.
  let values = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values += 1;
  if (values > MAX_VALUES) throw new BadJson(`it has more than ${MAX_VALUES} values`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new BadJson('it is not JSON');
  }
}
