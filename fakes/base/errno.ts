// The code of a failed system call, for sentences.

/** `ENOENT` and the like; where there is none, the message. */
export function errnoOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'message' in error ? String(error.message) : String(error);
}

/** The code of an error of Node's file system. */
export function systemCode(error: unknown): string | undefined {
  return typeof error === 'object' && error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
