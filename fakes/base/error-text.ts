// Returns the code and the message of any thrown value. It avoids `instanceof Error`, which is false in Jest for Node's
// own errors.

/**
 * Returns the code of an error of Node or of the operating system.
 * @returns the code, for example `ENOENT`; undefined if the error has no code or its code is not a text
 */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/**
 * Returns the message of an error.
 *
 * @returns the message, or the value as text if it has no message
 */
export function errorText(error: unknown): string {
  return String(typeof error === 'object' && error !== null && 'message' in error ? error.message : error);
}

/**
 * Returns the shortest text that explains an error, to be put in parentheses.
 *
 * @returns the code, or the message if the error has no code
 */
export function errorCodeOrText(error: unknown): string {
  return errorCode(error) ?? errorText(error);
}
