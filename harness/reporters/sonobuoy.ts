// Writes the report for Sonobuoy plugins: one archive with all files, and the file `done` with the archive's path.
import { create } from 'tar';
import { stringify } from 'yaml';
import { byGroup, nameOf } from '../report/group';
import type { Report, Result, Status } from '../report/results';
import { verdictSummary } from '../report/sentences';
import { toneOf } from './labels';
import type { ReportDirectory, ReportFiles } from './report-directory';
import { evidenceLines } from './text';

const ARCHIVE = 'ckptest.tar.gz';
/**
 * The file that Sonobuoy reads if the plugin has `result-format: manual`. With `result-format: junit`, Sonobuoy reads
 * `junit.xml`.
 */
const SUMMARY = 'sonobuoy_results.yaml';
const DONE = 'done';

type SonobuoyStatus = 'passed' | 'failed' | 'skipped' | 'unknown';

/** Sonobuoy's statuses. Sonobuoy treats an `error` in JUnit as a failure, so `error` is `failed` here too. */
const STATUSES: Readonly<Record<Status, SonobuoyStatus>> = {
  pass: 'passed',
  fail: 'failed',
  error: 'failed',
  unsupported: 'skipped',
  skipped: 'skipped',
  'known-failure': 'skipped',
};
const VERDICTS = { good: 'passed', bad: 'failed', unsure: 'unknown' } as const;

interface Item {
  readonly name: string;
  readonly status: SonobuoyStatus;
  readonly meta?: Readonly<Record<string, string>>;
  readonly details?: Readonly<Record<string, string>>;
  readonly items?: readonly Item[];
}

function item(result: Result): Item {
  const { id, status, level, strength, reason = '' } = result;
  const red = status === 'fail' || status === 'error';
  return {
    name: nameOf(id),
    status: STATUSES[status],
    meta: { level, strength, status },
    ...(red ? { details: { failure: reason, output: evidenceLines(result).join('\n') } } : {}),
    ...(reason !== '' && !red ? { details: { reason } } : {}),
  };
}

/** Returns the status of a group: failed if one rule failed, skipped if all rules were skipped. */
function statusOf(items: readonly Item[]): SonobuoyStatus {
  const found = (status: SonobuoyStatus) => items.some((one) => one.status === status);
  return found('failed') ? 'failed' : found('passed') ? 'passed' : 'skipped';
}

/** Returns the results in Sonobuoy's format. */
export function sonobuoySummary(report: Report): string {
  const results = report.results.filter(({ status }) => status !== 'skipped');
  const groups = [...byGroup(results)].map(([name, members]): Item => {
    const items = members.map(item);
    return { name, status: statusOf(items), items };
  });
  const summary: Item = {
    name: 'ckptest',
    status: VERDICTS[toneOf(report.verdict)],
    meta: { type: 'summary', verdict: verdictSummary(report) },
    items: groups,
  };
  return stringify(summary, { aliasDuplicateObjects: false });
}

/**
 * Writes all reports and the summary, then their archive, and `done` last: Sonobuoy collects the archive as soon as
 * `done` exists.
 */
export async function writeForSonobuoy(directory: ReportDirectory, report: Report, files: ReportFiles): Promise<void> {
  await directory.write(new Map([...files, [SUMMARY, sonobuoySummary(report)]]));
  const chunks: Buffer[] = [];
  for await (const chunk of create({ cwd: directory.path, gzip: true, portable: true }, [...files.keys(), SUMMARY]))
    chunks.push(chunk);
  const done = directory.fileOf(ARCHIVE);
  await directory.write(
    new Map<string, string | Uint8Array>([
      [ARCHIVE, Buffer.concat(chunks)],
      [DONE, done],
    ]),
  );
}
