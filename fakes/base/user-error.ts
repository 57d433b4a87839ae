// Errors that the user can correct.

/** Its message is one sentence for the user: what was wrong, where, and what to do. It is shown without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
