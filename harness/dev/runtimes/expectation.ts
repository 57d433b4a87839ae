// Reads the expected results of a runtime version, and compares a report with them.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { specs } from '../../../specs/index';
import type { KnownFailure } from '../../report/known-failure';
import { readKnownFailures } from '../../report/known-failures';
import type { ReportedResult, RuntimesReport } from './report';

export interface Expectation {
  /** Name of the runtime in its response to Version. */
  readonly runtime: string;
  /** Major and minor version, such as `2.1`. */
  readonly minor: string;
  readonly minimumPasses: number;
  /** The built-in list of known failures of this version. */
  readonly failing: readonly KnownFailure[];
  /** Ids of rules that fail only in some runs, because they depend on timing. */
  readonly unsteady?: readonly string[];
  /** Ids of rules that are unsupported. An id that ends in a slash means all ids that begin with it. */
  readonly unsupported: readonly string[];
}

const DIRECTORY = path.join(__dirname, 'expectations');
const KNOWN_FAILURES = path.join(__dirname, '../../report/known-failures');

/**
 * Reads the committed expectation of a runtime.
 *
 * @param runtimeName name in the response to Version
 * @param runtimeVersion version in the response to Version
 * @throws Error if there is no expectation, because an unknown version must not pass
 */
export function loadExpectation(runtimeName: string, runtimeVersion: string): Expectation {
  const minor = minorOf(runtimeVersion);
  const file = path.join(DIRECTORY, `${runtimeName}-${minor}.json`);
  if (minor === undefined || !existsSync(file)) {
    throw new Error(
      `The runtime calls itself ${runtimeName} ${runtimeVersion}, for which there is no expectation: read its report, then ` +
        `write harness/dev/runtimes/expectations/${runtimeName}-${minor ?? 'MAJOR.MINOR'}.json.`,
    );
  }
  const expectation: Omit<Expectation, 'failing'> = JSON.parse(readFileSync(file, 'utf8'));
  const list = path.join(KNOWN_FAILURES, `${runtimeName}-${minor}.yaml`);
  return { ...expectation, failing: readKnownFailures(list, specs) };
}

/**
 * Returns major and minor of a version, such as `2.1` for `v2.1.9+unknown`; undefined if the text contains no version.
 */
export function minorOf(version: string): string | undefined {
  return /^v?(\d+\.\d+)/.exec(version)?.[1];
}

/**
 * Compares a report with an expectation.
 *
 * @returns one sentence for each difference
 */
export function compareWithExpectation(report: RuntimesReport, expectation: Expectation): string[] {
  return [
    ...report.results.flatMap((result) => unexpected(result, expectation)),
    ...repeatedIds(report),
    ...expectation.failing.flatMap((failure) => staleFailure(failure, report)),
    ...expectation.unsupported.flatMap((entry) => staleUnsupported(entry, report)),
    ...missingPasses(report, expectation),
  ];
}

function unexpected({ id, status, reason }: ReportedResult, expectation: Expectation): string[] {
  const because = reason === '' ? '' : `: ${reason}`;
  switch (status) {
    case 'fail':
      return expectation.failing.some((failure) => failure.id === id) || expectation.unsteady?.includes(id)
        ? []
        : [`${id} fails and is not listed as failing${because}`];
    case 'unsupported':
      return expectation.unsupported.some((entry) => covers(entry, id))
        ? []
        : [`${id} is unsupported and not listed as such${because}`];
    case 'error':
      return [`${id} could not be checked${because}`];
    case 'skipped':
      return [`${id} was skipped, although nothing was excluded${because}`];
    case 'known-failure':
    case 'pass':
      return [];
  }
}

function repeatedIds(report: RuntimesReport): string[] {
  const ids = report.results.map(({ id }) => id);
  const repeated = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  return [...repeated].map((id) => `${id} is in the report more than once.`);
}

function staleFailure({ id, unsteady }: KnownFailure, report: RuntimesReport): string[] {
  const result = report.results.find((candidate) => candidate.id === id);
  // A listed rule is stale only if it passes or is missing. An unsteady rule may pass.
  if (result && (unsteady || result.status !== 'pass')) return [];
  return [
    result === undefined
      ? `${id} is listed as failing and is not in the report.`
      : `${id} is listed as failing and its status is ${result.status}: take it off the list.`,
  ];
}

function staleUnsupported(entry: string, report: RuntimesReport): string[] {
  return report.results.some(({ id, status }) => status === 'unsupported' && covers(entry, id))
    ? []
    : [`${entry} is listed as unsupported, but no such rule is unsupported: take it off the list.`];
}

function missingPasses(report: RuntimesReport, { minimumPasses }: Expectation): string[] {
  const passes = report.results.filter(({ status }) => status === 'pass').length;
  return passes < minimumPasses ? [`${passes} rules pass, but at least ${minimumPasses} must.`] : [];
}

function covers(entry: string, id: string): boolean {
  return entry.endsWith('/') ? id.startsWith(entry) : id === entry;
}
