// How runtimes differ in what they do at the location of an archive, and what the reference does.

export interface WritingPolicy {
  /** Whether a relative location is refused, or taken from the process's working directory. */
  readonly relativeLocation: 'refused' | 'taken';
  /** Whether a symbolic link at the location is replaced by the archive, or the archive is written where it leads. */
  readonly links: 'replaced' | 'followed';
  /** Whether something that is already at the location is overwritten, or the location is refused. */
  readonly existingFile: 'overwritten' | 'refused';
  /**
   * Whether the archive gets its name when it is complete, or is written under that name from the first byte. In place
   * means that an existing file keeps its inode, its owner and its hard links, and that a failure leaves what was
   * written by then.
   */
  readonly writing: 'atomic' | 'in-place';
  /** In place only: whether an existing file becomes private, or keeps its mode. */
  readonly mode: 'private' | 'kept';
  /** In place only: whether a longer existing file is cut first, or what is longer than the archive stays behind it. */
  readonly tail: 'cut' | 'kept';
}

export const REFERENCE_WRITING: WritingPolicy = {
  relativeLocation: 'refused',
  links: 'replaced',
  existingFile: 'overwritten',
  writing: 'atomic',
  mode: 'private',
  tail: 'cut',
};
