// Reads what `ckptest run --output json` printed, as far as an expectation looks at it.
import { errorText } from '../../../fakes/base/error-text';
import { STATUSES, type Status } from '../../report/results';

export interface ReportedResult {
  readonly id: string;
  readonly status: Status;
  /** Why, in a sentence; empty where the status says it all. */
  readonly reason: string;
}

export interface RuntimesReport {
  readonly results: readonly ReportedResult[];
}

/** Parses one report; throws a sentence naming what is wrong with the text. */
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
    throw new Error(`The report gives ${row['id']} the status ${JSON.stringify(row['status'])}, which none is.`);
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

/** Whether a parsed JSON value is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
