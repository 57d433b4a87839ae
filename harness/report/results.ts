// The types of results and reports.
import type { Harm } from '../../specs/catalogue/harms';
import type { Level, Source, Strength } from '../../specs/subject/spec';

/**
 * `pass`: the rule holds. `fail`: the target breaks it. `error`: the suite could not judge the rule. `unsupported`: the
 * target does not support what the rule is about, or the rule cannot be tested with this access to the target.
 * `skipped`: excluded, or not run because the run ended early. `known-failure`: the target breaks the rule, and the
 * failure is listed with a reason.
 */
export const STATUSES = ['pass', 'fail', 'error', 'unsupported', 'skipped', 'known-failure'] as const;
export type Status = (typeof STATUSES)[number];

/** A request that was sent while a spec ran, and the response. Both are redacted. */
export interface Exchange {
  readonly wire: 'HTTP' | 'CRI';
  readonly sent: string;
  readonly came: string;
  /** Whether the violation is about this call. Reports show such calls first. */
  readonly matters?: true;
}

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly strength: Strength;
  readonly source: Source;
  readonly status: Status;
  /** What users lose if the rule is broken. Set only for hardening rules. */
  readonly harm?: Harm;
  /**
   * Why the rule is unsupported: the target does not have the capability, or the rule cannot be tested with this access
   * to the target.
   */
  readonly unsupported?: 'not-offered' | 'cannot-be-tried';
  /** Why the status is not `pass`. */
  readonly reason?: string;
  /**
   * Set if the rule is broken: the label of the expectation, what the rule expects, and a sentence that says what
   * happened.
   */
  readonly violation?: { readonly label: string; readonly expected: string; readonly actual: string };
  /** What users lose because the rule is broken. */
  readonly impact?: string;
  readonly exchanges?: readonly Exchange[];
  /** The command that runs this spec again. */
  readonly repeat?: string;
  readonly durationMs: number;
  /** For a spec that ran several times: the status of each attempt, in order. */
  readonly attempts?: readonly Status[];
}

export interface TargetDescription {
  readonly kubelet: string;
  readonly runtime: string;
  /** Why a capability is missing, by capability. */
  readonly lacks: Readonly<Record<string, string>>;
  /**
   * How the suite found out whether the target has a capability, by capability. Absent for a target that needs no
   * probe.
   */
  readonly found?: Readonly<Record<string, string>>;
  /** Sentences about steps that take a long time on this target. */
  readonly slow?: readonly string[];
}

/** How the run went: everything that is not in the results. */
export interface RunFacts {
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** The command that repeats the run. */
  readonly command: string;
  /** Seed of the order of the specs. */
  readonly seed?: number;
  /** How many times each spec ran. */
  readonly repeat?: number;
  /** How many specs ran at once. */
  readonly parallel?: number;
  /**
   * Number of checkpoints that had to succeed before a rule could be tested, and how many of them failed. Absent if
   * there were no such checkpoints.
   */
  readonly dumps?: { readonly tried: number; readonly failed: number };
  /** Containers, sandboxes and files that could not be removed. Absent if everything was removed. */
  readonly left?: readonly string[];
  /** Why the run ended early; absent if the run was complete. */
  readonly brokenOff?: string;
}

/** The document in `results.json` and of `--output json`, described by `reporters/results.schema.json`. */
export interface Report {
  readonly apiVersion: typeof REPORT_VERSION;
  readonly tool: { readonly name: 'ckptest'; readonly version: string; readonly node: string };
  readonly run: RunFacts;
  readonly target: TargetDescription;
  readonly profile: string;
  readonly verdict: Verdict;
  readonly results: readonly Result[];
}

/** The version changes when programs that read the document have to change. */
export const REPORT_VERSION = 'ckptest.report/v2';

/** The number of rules with each status, for one level and strength. */
export interface Tally {
  readonly level: Level;
  readonly strength: Strength;
  readonly counts: Readonly<Record<Status, number>>;
}

/** Whether the target conforms to the documentation and to CRI. */
export interface Conformance {
  /**
   * `conformant`: every required rule was tried and passed or is a known failure. `partly verified`: no required rule
   * failed, but some required rules were not tried. `undecided`: some required rules could not be judged, or no
   * required rule was tried.
   */
  readonly status: 'conformant' | 'partly verified' | 'not conformant' | 'undecided';
  readonly profile: string;
  /** The description of a conformant target, such as "a runtime that checkpoints". */
  readonly title: string;
  /** How many rules the profile requires of this target. */
  readonly required: number;
  /** How many of the required rules were tried. */
  readonly tried: number;
  /** Capabilities that the profile requires and the target lacks. */
  readonly absent: readonly string[];
}

/** The hardening rules that fail, including known failures, grouped by what users lose. */
export interface Safety {
  readonly tried: number;
  readonly failed: number;
  readonly harms: readonly { readonly harm: string; readonly ids: readonly string[] }[];
}

export interface Exit {
  readonly status: 0 | 1 | 2;
  readonly reason: string;
}

export interface Verdict {
  /** The number of tried rules that fail, as a sentence such as "16 of 279 rules fail". */
  readonly headline: string;
  readonly conformance: Conformance;
  readonly safety: Safety;
  /** The exit status of the run. */
  readonly exit: Exit;
  readonly counts: Readonly<Record<Status, number>>;
  /** Counts for each level and strength that has rules. */
  readonly tallies: readonly Tally[];
}
