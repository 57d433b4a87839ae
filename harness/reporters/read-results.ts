// Reads `results.json` of an earlier run.
import fs from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import { errorText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import { PROFILES, type ProfileName } from '../report/profiles';
import { REPORT_VERSION, type Report } from '../report/results';
import { judge } from '../report/verdict';

const FILE = 'results.json';
const MAKE_ONE = 'write one with ckptest run --report-dir';

/** Returns the JSON schema of `results.json`. */
export async function resultsSchema(): Promise<object> {
  return JSON.parse(await fs.readFile(path.join(__dirname, 'results.schema.json'), 'utf8'));
}

async function readText(given: string): Promise<{ file: string; text: string }> {
  try {
    const file = (await fs.stat(given)).isDirectory() ? path.join(given, FILE) : given;
    return { file, text: await fs.readFile(file, 'utf8') };
  } catch (error) {
    throw new UserError(`${given}: it cannot be read (${errorText(error)}); ${MAKE_ONE}`);
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file}: it is not JSON (${errorText(error).split('\n')[0]}); ${MAKE_ONE}`);
  }
}

const versionIn = (document: unknown): unknown =>
  typeof document === 'object' && document !== null && 'apiVersion' in document ? document.apiVersion : undefined;

/** An older version of the report, whose results have the same form but whose verdict differs. */
const OLDER_VERSION = 'ckptest.report/v1';

/**
 * Converts a report of the older version by judging its results again. Throws UserError if the report is not complete.
 */
function judgedAgain(file: string, document: unknown): unknown {
  const report = document as Report;
  const profile = Object.keys(PROFILES).find((name): name is ProfileName => name === report.profile);
  if (profile === undefined || !Array.isArray(report.results))
    throw new UserError(`${file}: it is not a complete report of ckptest; ${MAKE_ONE}`);
  const { results, target, run } = report;
  const brokenOff = run?.brokenOff === undefined ? {} : { brokenOff: run.brokenOff };
  const verdict = judge({ profile, results, target, failOn: 'must', requireComplete: false, ...brokenOff });
  return { ...report, apiVersion: REPORT_VERSION, verdict };
}

/**
 * Reads a report.
 *
 * @param given path of a `results.json`, or of its directory
 * @throws UserError that names the file and what is wrong with it
 */
export async function readResults(given: string): Promise<Report> {
  const { file, text } = await readText(given);
  const document = parsed(file, text);
  const version = versionIn(document);
  if (version === undefined)
    throw new UserError(`${file}: it is not a report of ckptest, because it has no apiVersion; ${MAKE_ONE}`);
  if (version !== REPORT_VERSION && version !== OLDER_VERSION)
    throw new UserError(
      `${file}: its apiVersion is ${JSON.stringify(version)}, and this ckptest reads ${OLDER_VERSION} and ${REPORT_VERSION}; compare with the version that wrote it`,
    );
  const current = version === OLDER_VERSION ? judgedAgain(file, document) : document;
  const ajv = new Ajv2020();
  const isReport = ajv.compile<Report>(await resultsSchema());
  if (!isReport(current)) {
    const [first] = isReport.errors ?? [];
    throw new UserError(
      `${file}: it is not a complete report of ckptest: ${first?.instancePath || 'the document'} ${first?.message}; ${MAKE_ONE}`,
    );
  }
  return current;
}
