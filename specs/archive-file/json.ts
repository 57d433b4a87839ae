// Parses JSON from anybody: what takes much more memory than its text is refused.

/** Bytes. The metadata of a container, with all of its environment, is smaller. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Values in the JSON, which take up to a hundred bytes each. */
const MAX_VALUES = 200_000;

/** A text is not JSON, or too large. The message says which. */
export class BadJson extends Error {}

/** Throws BadJson if JSON of so many bytes is too large. */
export function checkJsonSize(bytes: number): void {
  if (bytes > MAX_BYTES) throw new BadJson(`it has ${bytes} bytes, but metadata has at most ${MAX_BYTES}`);
}

/**
 * Parses JSON.
 *
 * @throws BadJson if it is not JSON, or contains too many values
 */
export function parseJson(bytes: Buffer): unknown {
  checkJsonSize(bytes.length);
  // Every value but the first follows one of these. In strings they count too, which no metadata makes many of.
  let values = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values += 1;
  if (values > MAX_VALUES) throw new BadJson(`it has more than ${MAX_VALUES} values`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new BadJson('it is not JSON');
  }
}
