// Defines the errors of reading an archive for a restore. Each runtime has its own messages for these errors.

/**
 * The kind of the error. `missing`, `directory` and `unreadable` mean that the file cannot be read. `not-a-tar` and
 * `cut` mean that its format is wrong. All other kinds are about a single member.
 */
export type ArchiveErrorKind =
  | 'missing'
  | 'directory'
  | 'unreadable'
  | 'not-a-tar'
  | 'cut'
  | 'unsafe-name'
  | 'no-member'
  | 'broken-json'
  | 'broken-member';

/** Thrown when an archive cannot be read. Its message consists of the member, if there is one, and the reason. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';

  /**
   * @param reason the message of Go's packages if they report this error, else a description of the defect
   * @param member name of the member; empty if the error concerns the whole archive
   */
  constructor(
    readonly kind: ArchiveErrorKind,
    readonly reason: string,
    readonly member = '',
  ) {
    super(member === '' ? reason : `${member}: ${reason}`);
  }
}
