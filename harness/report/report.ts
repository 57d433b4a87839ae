// Makes the one document that every form of a report is written from.
import packageJson from '../../package.json';
import type { Spec } from '../../specs/subject/spec';
import { redacted, redactedResult, redactedRun, redactedTarget } from './redact';
import { REPORT_VERSION, type Report, type Result, type RunFacts, type TargetDescription } from './results';
import { judge, type ProfileName } from './verdict';

const MS_IN_SECOND = 1000;

export interface ReportParts {
  readonly run: RunFacts;
  readonly target: TargetDescription;
  readonly profile: ProfileName;
  readonly results: readonly Result[];
}

/** Judges the results by the profile and puts everything in one document, in which nothing is that no one may read. */
export function makeReport(parts: ReportParts): Report {
  const { profile } = parts;
  const target = redactedTarget(parts.target);
  const results = parts.results.map(redactedResult);
  return {
    apiVersion: REPORT_VERSION,
    tool: { name: 'ckptest', version: packageJson.version, node: process.version },
    run: redactedRun(parts.run),
    target,
    profile,
    verdict: judge(profile, results, target),
    results,
  };
}

function withoutRun({ id, title, level, strength, source }: Spec, status: 'skipped' | 'error', reason: string): Result {
  return { id, title, level, strength, source, status, reason: redacted(reason), durationMs: 0 };
}

/** Specs that were chosen away, so that the report accounts for all. */
export const skippedResults = (skipped: readonly Spec[]): Result[] =>
  skipped.map((spec) => withoutRun(spec, 'skipped', 'chosen away'));

/** What a run that broke off left undone: those of the chosen specs that have no result are errors. */
export function unrunResults(chosen: readonly Spec[], results: readonly Result[], why: string): Result[] {
  const ran = new Set(results.map(({ id }) => id));
  return chosen.filter(({ id }) => !ran.has(id)).map((spec) => withoutRun(spec, 'error', why));
}

/** How long the run took, seconds. */
export const secondsOf = ({ startedAt, endedAt }: RunFacts): number =>
  (Date.parse(endedAt) - Date.parse(startedAt)) / MS_IN_SECOND;
