// What a run says: one result a spec, and the report that holds them.
import type { Level, Strength } from '../specs/spec';

/**
 * pass; fail: the target is wrong; error: the suite broke; unsupported: the target does not offer this;
 * skipped: chosen away; known-failure: fails, and is listed with its reason.
 */
export const STATUSES = ['pass', 'fail', 'error', 'unsupported', 'skipped', 'known-failure'] as const;
export type Status = (typeof STATUSES)[number];

/** One step on a wire while a spec ran, already without secrets. */
export interface Exchange {
  readonly wire: 'HTTP' | 'CRI';
  readonly sent: string;
  readonly came: string;
}

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly strength: Strength;
  readonly status: Status;
  /** Why it is not a pass. */
  readonly reason?: string;
  /** Of a broken rule: the expectation, what it wanted, what came. */
  readonly violation?: { readonly label: string; readonly expected: string; readonly actual: string };
  readonly exchanges?: readonly Exchange[];
  /** The command that runs this one spec again. */
  readonly repeat?: string;
  readonly durationMs: number;
}

export interface TargetDescription {
  readonly kubelet: string;
  readonly runtime: string;
  /** What the target lacks, by need, with the reason. */
  readonly lacks: Readonly<Record<string, string>>;
}

export interface Report {
  readonly schema: 'ckptest.report/v1';
  readonly target: TargetDescription;
  readonly profile: string;
  readonly verdict: Verdict;
  readonly results: readonly Result[];
}

export interface Verdict {
  readonly conformant: boolean;
  /** Whether the suite could say so: false where a spec broke that might have changed it, or any where all held. */
  readonly decided: boolean;
  /** One line for people. */
  readonly summary: string;
  readonly counts: Readonly<Record<Status, number>>;
}
