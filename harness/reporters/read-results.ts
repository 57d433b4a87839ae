// Reads `results.json` of an earlier run: what is no such document is one sentence that names the file.
import fs from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import { UserError } from '../../fakes/base/user-error';
import { errorText } from '../base/error-text';
import { REPORT_VERSION, type Report } from '../report/results';

const FILE = 'results.json';
const MAKE_ONE = 'write one with ckptest run --report-dir';

/** The schema that comes with the package. */
export async function resultsSchema(): Promise<object> {
  return JSON.parse(await fs.readFile(path.join(__dirname, 'results.schema.json'), 'utf8'));
}

async function readText(given: string): Promise<{ file: string; text: string }> {
  try {
    const file = (await fs.stat(given)).isDirectory() ? path.join(given, FILE) : given;
    return { file, text: await fs.readFile(file, 'utf8') };
  } catch (error) {
    throw new UserError(`${given}: cannot be read (${errorText(error)}); ${MAKE_ONE}`);
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file}: not JSON (${errorText(error).split('\n')[0]}); ${MAKE_ONE}`);
  }
}

const versionIn = (document: unknown): unknown =>
  typeof document === 'object' && document !== null && 'apiVersion' in document ? document.apiVersion : undefined;

/** Takes a `results.json` or the folder that holds it. Throws a UserError that says what else it is. */
export async function readResults(given: string): Promise<Report> {
  const { file, text } = await readText(given);
  const document = parsed(file, text);
  const version = versionIn(document);
  if (version === undefined) throw new UserError(`${file}: no results of ckptest, it has no apiVersion; ${MAKE_ONE}`);
  if (version !== REPORT_VERSION)
    throw new UserError(
      `${file}: its apiVersion is ${JSON.stringify(version)}, and this ckptest reads ${REPORT_VERSION}; compare with the version that wrote it`,
    );
  const ajv = new Ajv2020();
  const isReport = ajv.compile<Report>(await resultsSchema());
  if (!isReport(document)) {
    const [first] = isReport.errors ?? [];
    throw new UserError(
      `${file}: no whole results of ckptest, ${first?.instancePath || 'the document'} ${first?.message}; ${MAKE_ONE}`,
    );
  }
  return document;
}
