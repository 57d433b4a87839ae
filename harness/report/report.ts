// Makes the report. All output formats are written from it.
import packageJson from '../../package.json';
import type { Spec } from '../../specs/subject/spec';
import type { FailOn } from './exit-status';
import type { ProfileName } from './profiles';
import { redacted, redactedResult, redactedRun, redactedTarget } from './redact';
import { REPORT_VERSION, type Report, type Result, type RunFacts, type TargetDescription } from './results';
import { judge } from './verdict';

const MS_IN_SECOND = 1000;

export interface ReportParts {
  readonly run: RunFacts;
  readonly target: TargetDescription;
  readonly profile: ProfileName;
  readonly results: readonly Result[];
  /** Which failures make the exit status 1. Default: `must`. */
  readonly failOn?: FailOn;
  /** If true, the exit status is also 1 if conformance is only partly verified. Default: false. */
  readonly requireComplete?: boolean;
}

/** Judges the results and makes the redacted report. */
export function makeReport(parts: ReportParts): Report {
  const { profile, failOn = 'must', requireComplete = false } = parts;
  const target = redactedTarget(parts.target);
  const results = parts.results.map(redactedResult);
  const run = redactedRun(parts.run);
  const { brokenOff, left } = run;
  const ending = { ...(brokenOff !== undefined && { brokenOff }), ...(left && { left }) };
  return {
    apiVersion: REPORT_VERSION,
    tool: { name: 'ckptest', version: packageJson.version, node: process.version },
    run,
    target,
    profile,
    verdict: judge({ profile, results, target, failOn, requireComplete, ...ending }),
    results,
  };
}

/** The beginning of the reason for a spec that did not run because the run ended early. */
export const NOT_RUN = 'not run';

/** Returns why specs did not run; undefined if all of them ran. */
export const whyNotRun = (results: readonly Result[]): string | undefined =>
  results
    .find(({ status, reason }) => status === 'skipped' && reason?.startsWith(NOT_RUN))
    ?.reason?.slice(`${NOT_RUN}: `.length);

function withoutRun({ id, title, level, strength, source }: Spec, reason: string): Result {
  return { id, title, level, strength, source, status: 'skipped', reason: redacted(reason), durationMs: 0 };
}

/** Returns results for the excluded specs, so that the report accounts for every spec. */
export const excludedResults = (excluded: readonly Spec[]): Result[] =>
  excluded.map((spec) => withoutRun(spec, 'excluded'));

/** Returns results for the selected specs that did not run because the run ended early. */
export function unrunResults(selected: readonly Spec[], results: readonly Result[], why: string): Result[] {
  const ran = new Set(results.map(({ id }) => id));
  return selected.filter(({ id }) => !ran.has(id)).map((spec) => withoutRun(spec, `${NOT_RUN}: ${why}`));
}

/** Returns the duration of the run, seconds. */
export const secondsOf = ({ startedAt, endedAt }: RunFacts): number =>
  (Date.parse(endedAt) - Date.parse(startedAt)) / MS_IN_SECOND;
