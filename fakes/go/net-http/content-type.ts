// Determines the content type that Go's server adds if a handler sets no content type.

/** Number of bytes at the beginning of a body that are examined. */
const SNIFFED_BYTES = 512;
/** Matches bytes that are not part of text according to the MIME Sniffing standard. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must match control characters
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

/**
 * Determines the content type of a body.
 *
 * @param body the body; it must begin with a letter or a digit, like all bodies of the fakes, so that no file signature
 * can match
 */
export function sniffContentType(body: Buffer): string {
  return BINARY.test(body.toString('latin1', 0, SNIFFED_BYTES))
    ? 'application/octet-stream'
    : 'text/plain; charset=utf-8';
}
