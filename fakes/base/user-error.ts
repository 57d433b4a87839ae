// Defines errors that the user can correct.

/**
 * An error whose message is one sentence for the user: what was wrong, where, and what to do. It is shown without a
 * stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
