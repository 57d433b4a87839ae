// The code and the message of any thrown value. It avoids `instanceof Error`, because Jest runs tests in another realm
// than Node's own errors.

/**
 * Returns the code of an error of Node or of the operating system.
 *
 * @returns for example `ENOENT`; undefined if the error has no code, or one that is not text
 */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/**
 * Returns the message of an error.
 *
 * @returns its message, or the value as text if it has none
 */
export function errorText(error: unknown): string {
  return String(typeof error === 'object' && error !== null && 'message' in error ? error.message : error);
}

/**
 * Returns the shortest text that explains an error, to be put in parentheses.
 *
 * @returns its code, or its message if it has no code
 */
export function errorCodeOrText(error: unknown): string {
  return errorCode(error) ?? errorText(error);
}
