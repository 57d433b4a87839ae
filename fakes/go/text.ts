// Text as Go has it: any bytes at all. Bytes that are not UTF-8 are kept as lone surrogates, so that they can be sent on.

/** A byte 0x80 to 0xff outside of valid UTF-8 becomes U+DC80 to U+DCFF, which no valid UTF-8 decodes to. */
const ESCAPE_BASE = 0xdc00;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Length in bytes of the valid UTF-8 sequence at `at`, or 0 where there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (const length of [1, 2, 3, 4]) {
    try {
      if (at + length <= bytes.length && [...decoder.decode(bytes.subarray(at, at + length))].length === 1)
        return length;
    } catch {}
  }
  return 0;
}

/** Text of `bytes`; `encodeText` gives exactly those bytes back. */
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

/** Bytes of `text`, undoing `decodeText`. */
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
