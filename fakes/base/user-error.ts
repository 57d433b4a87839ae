// What a person did that cannot work, said to that person.

/** Its message is one whole sentence for the user: what was wrong, where, and what to do; shown without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
