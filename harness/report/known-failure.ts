// A failure that is expected of a target, with why, where that is written down, and how long it excuses.

export interface KnownFailure {
  readonly id: string;
  readonly reason: string;
  readonly link: string;
  /** Day after which the entry no longer excuses, as 2026-12-31. */
  readonly expires: string;
}
