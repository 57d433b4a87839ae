// Defines how runtimes differ in writing an archive to its location, and how the reference persona writes it.

export interface WritingPolicy {
  /** Whether a relative location is refused, or resolved in the process's working directory. */
  readonly relativeLocation: 'refused' | 'taken';
  /** Whether the archive replaces a symbolic link at the location, or is written to the link's target. */
  readonly links: 'replaced' | 'followed';
  /** Whether an existing file at the location is overwritten, or the location is refused. */
  readonly existingFile: 'overwritten' | 'refused';
  /**
   * Whether the archive is renamed to its location when it is complete (`atomic`), or written directly to the location
   * (`in-place`). In place, an existing file keeps its inode, owner and hard links, and a failure leaves a partial
   * archive.
   */
  readonly writing: 'atomic' | 'in-place';
  /** For `in-place`: whether an existing file becomes private or keeps its mode. */
  readonly mode: 'private' | 'kept';
  /** For `in-place`: whether a longer existing file is truncated, or keeps its bytes after the end of the archive. */
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
