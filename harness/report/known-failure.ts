// A failure that is expected of a target: its reason, a link, and how long it is accepted.

export interface KnownFailure {
  readonly id: string;
  readonly reason: string;
  readonly link: string;
  /** The last day on which the entry is accepted, such as 2026-12-31. */
  readonly expires: string;
  /** Whether the rule passes sometimes, such as one about a race. */
  readonly unsteady?: boolean;
}
