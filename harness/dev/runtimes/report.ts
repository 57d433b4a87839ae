// Reads the report that `ckptest run --output json` printed, with the parts that expectations need.
import { errorText } from '../../../fakes/base/error-text';
import { STATUSES, type Status } from '../../report/results';

export interface ReportedResult {
  readonly id: string;
  readonly status: Status;
  /** The reason, in a sentence; empty if there is no reason. */
  readonly reason: string;
}

export interface RuntimesReport {
  readonly results: readonly ReportedResult[];
}

/**
 * Parses a report.
 *
 * @throws Error that says what is wrong with the text
 */
export function parseReport(text: string): RuntimesReport {
  const document = parseJson(text);
  if (!isRecord(document) || !Array.isArray(document['results'])) {
    throw new Error('The report is not a JSON object with a list of results.');
  }
  return { results: document['results'].map(parseResult) };
}

function parseResult(row: unknown, index: number): ReportedResult {
  if (!isRecord(row) || typeof row['id'] !== 'string') {
    throw new Error(`Result ${index} of the report has no id.`);
  }
  const status = STATUSES.find((known) => known === row['status']);
  if (status === undefined) {
    throw new Error(`The report gives ${row['id']} the status ${JSON.stringify(row['status'])}, which does not exist.`);
  }
  return { id: row['id'], status, reason: typeof row['reason'] === 'string' ? row['reason'] : '' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The report is not JSON: ${errorText(error)}.`);
  }
}

/** Returns whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
