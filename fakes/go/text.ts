// Converts strings as in Go, which may contain any bytes. Bytes that are not UTF-8 become lone surrogates, so that no
// byte is lost.

/** Bytes 0x80 to 0xff that are not UTF-8 become U+DC80 to U+DCFF, which valid UTF-8 never decodes to. */
const ESCAPE_BASE = 0xdc00;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns the length in bytes of the UTF-8 sequence at an offset; 0 if there is no such sequence. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (const length of [1, 2, 3, 4]) {
    try {
      if (at + length <= bytes.length && [...decoder.decode(bytes.subarray(at, at + length))].length === 1)
        return length;
    } catch {}
  }
  return 0;
}

/** Decodes bytes to text, from which `encodeText` restores exactly the same bytes. */
export function decodeText(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {}
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text +=
      length > 0
        ? decoder.decode(bytes.subarray(at, at + length))
        : String.fromCharCode(ESCAPE_BASE + bytes.readUInt8(at));
    at += Math.max(length, 1);
  }
  return text;
}

/** Encodes text to bytes. This is the inverse of `decodeText`. */
export function encodeText(text: string): Buffer {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text);
  return Buffer.concat(
    [...text].map((character) => {
      const code = character.charCodeAt(0);
      const escaped = character.length === 1 && code >= ESCAPE_BASE + 0x80 && code <= ESCAPE_BASE + 0xff;
      return escaped ? Buffer.of(code - ESCAPE_BASE) : Buffer.from(character);
    }),
  );
}
