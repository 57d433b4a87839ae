// Where the reports of a run go: each folder is tried before the run and written after it.
import type { Report } from '../results';
import type { RunSettings } from '../settings';
import { reportFiles } from './files';
import { ReportFolder } from './report-folder';

export type Destination = (report: Report) => Promise<void>;

/** Throws a UserError where a folder takes nothing. */
export async function prepareDestinations({ reportDir }: RunSettings): Promise<readonly Destination[]> {
  if (reportDir === undefined) return [];
  const folder = await ReportFolder.prepare(reportDir, `--report-dir ${reportDir}`);
  return [(report) => folder.write(reportFiles(report))];
}

/** Writes to every destination, also after one that failed; returns what failed first, for the end of the run. */
export async function writeReports(destinations: readonly Destination[], report: Report): Promise<unknown> {
  const written = await Promise.allSettled(destinations.map((write) => write(report)));
  return written.find((one) => one.status === 'rejected')?.reason;
}
