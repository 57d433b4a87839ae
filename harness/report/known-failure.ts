// The type of a known failure: its reason, a link, and the last day on which it is accepted.

export interface KnownFailure {
  readonly id: string;
  readonly reason: string;
  readonly link: string;
  /** The last day on which the entry is accepted, such as 2026-12-31. */
  readonly expires: string;
  /** Whether the rule passes sometimes, for example because it is about a race. */
  readonly unsteady?: boolean;
}
