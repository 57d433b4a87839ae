// `ckptest diff BEFORE AFTER`: what changed from one run to another.
import { compare } from '../diff/compare';
import { diffLines } from '../diff/text';
import type { Report } from '../report/results';
import { readResults } from '../reporters/read-results';

const DIFF_VERSION = 'ckptest.diff/v1';

const summary = (file: string, { run, target, profile, verdict }: Report) => ({ file, run, target, profile, verdict });

/**
 * Compares two reports, each the `results.json` or the directory that holds it, and prints what changed. Returns the exit
 * status: 1 where something regressed (`KINDS` says what that is). Throws a UserError for what is no report.
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
