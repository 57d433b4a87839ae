// The form of a rule that one archive shows by itself, whoever made it.
import type { Archive } from '../archive-file/reader';

/** A part of an archive that breaks a rule. */
export interface ArchiveFlaw {
  readonly sentence: string;
  /** Path of the member; undefined if the flaw is in the archive as a whole. */
  readonly member?: string;
  /** The expectation of the spec that fails. Default: that of the rule. */
  readonly label?: string;
}

export interface ArchiveRule {
  /** The id of the spec with the same rule. */
  readonly id: string;
  readonly label: string;
  /** The rule applies only to archives with CRIU images. */
  readonly needsImages?: true;
  /**
   * Finds what breaks the rule.
   *
   * @throws BrokenImage if an image that the rule needs cannot be read
   * @throws Unsupported if the archive does not have what the rule is about
   */
  check(archive: Archive): Iterable<ArchiveFlaw> | AsyncIterable<ArchiveFlaw>;
}
