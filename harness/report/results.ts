// What a run says: one result a spec, and the report that holds them.
import type { Harm } from '../../specs/catalogue/harms';
import type { Level, Source, Strength } from '../../specs/subject/spec';

/**
 * `pass`; `fail`: the target is wrong; `error`: the suite could not judge; `unsupported`: the target does not offer it,
 * or it cannot be tried from here; `skipped`: excluded, or not run because the run ended early; `known-failure`: it
 * fails, and is listed with a reason.
 */
export const STATUSES = ['pass', 'fail', 'error', 'unsupported', 'skipped', 'known-failure'] as const;
export type Status = (typeof STATUSES)[number];

/** One step on a wire while a spec ran, already without secrets. */
export interface Exchange {
  readonly wire: 'HTTP' | 'CRI';
  readonly sent: string;
  readonly came: string;
  /** The violation is about this call: reports show it first. */
  readonly matters?: true;
}

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly strength: Strength;
  readonly source: Source;
  readonly status: Status;
  /** What users lose if the rule is broken; only hardening rules have one. */
  readonly harm?: Harm;
  /** Why a rule is unsupported: the target does not offer what it is about, or it cannot be tried from here. */
  readonly unsupported?: 'not-offered' | 'cannot-be-tried';
  /** Why it is not a pass. */
  readonly reason?: string;
  /** Of a broken rule: the name of the expectation, what it expects, and what happened in a sentence. */
  readonly violation?: { readonly label: string; readonly expected: string; readonly actual: string };
  /** What users lose because the rule is broken. */
  readonly impact?: string;
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

/** Changes if a reader of the document would have to change. */
export const REPORT_VERSION = 'ckptest.report/v2';

/** How many rules of one level and strength have each status. */
export interface Tally {
  readonly level: Level;
  readonly strength: Strength;
  readonly counts: Readonly<Record<Status, number>>;
}

/** Conformance with what is documented and contracted. */
export interface Conformance {
  /**
   * `conformant`: every required rule was tried, and holds or is a known failure. `partly verified`: none failed, and
   * not all were tried. `undecided`: some could not be judged, or none was tried.
   */
  readonly status: 'conformant' | 'partly verified' | 'not conformant' | 'undecided';
  readonly profile: string;
  /** What the profile describes, such as "a runtime that checkpoints". */
  readonly title: string;
  /** How many rules the profile requires of this target. */
  readonly required: number;
  /** How many of them were tried. */
  readonly tried: number;
  /** Capabilities that the profile requires and the target lacks. */
  readonly absent: readonly string[];
}

/** Hardening rules that fail, known failures included, by what users lose. */
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
  /** The first part: how many of the rules that were tried fail. */
  readonly headline: string;
  readonly conformance: Conformance;
  readonly safety: Safety;
  /** The exit status of the run. */
  readonly exit: Exit;
  readonly counts: Readonly<Record<Status, number>>;
  /** The same by level and strength; only those that have rules. */
  readonly tallies: readonly Tally[];
}
