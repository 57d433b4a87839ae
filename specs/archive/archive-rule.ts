// The type of a rule that can be checked on a single archive.
import type { Archive } from '../archive-file/reader';

/** A part of an archive that breaks a rule. */
export interface ArchiveFlaw {
  readonly sentence: string;
  /** Path of the member; undefined if the flaw concerns the whole archive. */
  readonly member?: string;
  /** The label of the expectation that fails. Default: the label of the rule. */
  readonly label?: string;
}

export interface ArchiveRule {
  /** The id of the spec with this rule. */
  readonly id: string;
  readonly label: string;
  /** Whether the rule applies only to archives with CRIU images. */
  readonly needsImages?: true;
  /**
   * Yields the flaws that break the rule.
   *
   * @throws BrokenImage if an image that the rule needs cannot be read
   * @throws Unsupported if the archive does not contain the part that the rule is about
   */
  check(archive: Archive): Iterable<ArchiveFlaw> | AsyncIterable<ArchiveFlaw>;
}
