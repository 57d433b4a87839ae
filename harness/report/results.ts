// What a run says: one result a spec, and the report that holds them.
import type { Level, Source, Strength } from '../../specs/subject/spec';

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
  readonly source: Source;
  readonly status: Status;
  /** Why it is not a pass. */
  readonly reason?: string;
  /** Of a broken rule: the expectation, what it wanted, what came. */
  readonly violation?: { readonly label: string; readonly expected: string; readonly actual: string };
  readonly exchanges?: readonly Exchange[];
  /** The command that runs this one spec again. */
  readonly repeat?: string;
  readonly durationMs: number;
  /** Of a spec that ran more than once: how each attempt ended, in order. */
  readonly attempts?: readonly Status[];
}

export interface TargetDescription {
  readonly kubelet: string;
  readonly runtime: string;
  /** What the target lacks, by need, with the reason. */
  readonly lacks: Readonly<Record<string, string>>;
  /** What was found that it offers, by need, with what was asked; absent where nothing had to be asked. */
  readonly found?: Readonly<Record<string, string>>;
}

/** How a run went, as far as it is not in its results. */
export interface RunFacts {
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** The command that repeats the run. */
  readonly command: string;
  /** Of the order that the specs ran in. */
  readonly seed?: number;
  /** How often each spec ran. */
  readonly repeat?: number;
  /** How many specs ran at a time. */
  readonly parallel?: number;
  /** Why the run ended before its time; absent where it did not. */
  readonly brokenOff?: string;
}

/** What `results.json` holds and `--output json` prints; `reporters/results.schema.json` describes it. */
export interface Report {
  readonly apiVersion: typeof REPORT_VERSION;
  readonly tool: { readonly name: 'ckptest'; readonly version: string; readonly node: string };
  readonly run: RunFacts;
  readonly target: TargetDescription;
  readonly profile: string;
  readonly verdict: Verdict;
  readonly results: readonly Result[];
}

/** Changes where a reader of the document would have to change. */
export const REPORT_VERSION = 'ckptest.report/v1';

/** How the rules of one level and strength came out. */
export interface Tally {
  readonly level: Level;
  readonly strength: Strength;
  readonly counts: Readonly<Record<Status, number>>;
}

export interface Verdict {
  readonly conformant: boolean;
  /** Whether the suite could say so: false where a spec broke that might have changed it, or any where all held. */
  readonly decided: boolean;
  /** One line for people. */
  readonly summary: string;
  readonly counts: Readonly<Record<Status, number>>;
  /** The same by level and strength; only those that have rules. */
  readonly tallies: readonly Tally[];
}
