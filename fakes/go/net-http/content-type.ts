// The content type that Go's server gives to an answer whose handler set none, as far as plain text can show it.

/** How much of a body is looked at. */
const SNIFFED_BYTES = 512;
/** Bytes that are in no text, by the MIME Sniffing standard. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

/** Content type of a body that begins with a letter or a digit, as all bodies here do: no other signature can match. */
export function sniffContentType(body: Buffer): string {
  return BINARY.test(body.toString('latin1', 0, SNIFFED_BYTES))
    ? 'application/octet-stream'
    : 'text/plain; charset=utf-8';
}
