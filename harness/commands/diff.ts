// `ckptest diff BEFORE AFTER`: compares the results of two runs.
import { compare } from '../diff/compare';
import { diffLines } from '../diff/text';
import type { Report } from '../report/results';
import { readResults } from '../reporters/read-results';

const DIFF_VERSION = 'ckptest.diff/v1';

const summary = (file: string, { run, target, profile, verdict }: Report) => ({ file, run, target, profile, verdict });

/**
 * Compares two reports and prints the changes.
 *
 * @param beforeFile `results.json` of the earlier run, or its directory
 * @param afterFile `results.json` of the later run, or its directory
 * @param output format to print in
 * @returns the exit status: 1 if there are regressions, see `KINDS`
 * @throws UserError for a file that is not a report
 */
export async function diff(
  beforeFile: string,
  afterFile: string,
  output: 'text' | 'json',
  out: NodeJS.WritableStream,
): Promise<number> {
  const before = await readResults(beforeFile);
  const after = await readResults(afterFile);
  const changes = compare(before, after);
  if (output === 'json') {
    const document = {
      apiVersion: DIFF_VERSION,
      before: summary(beforeFile, before),
      after: summary(afterFile, after),
      ...changes,
    };
    out.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const lines = diffLines({ file: beforeFile, report: before }, { file: afterFile, report: after }, changes);
    for (const line of lines) out.write(`${line}\n`);
  }
  return changes.regressions.length > 0 ? 1 : 0;
}
