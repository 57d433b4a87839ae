// Where the reports of a run go: each directory is tried before the run and written after it.
import type { Report } from '../report/results';
import type { RunSettings } from '../run/settings';
import { FOR_POD, ReportDirectory } from './report-directory';

/** Loaded when they write: the first result must not wait for what comes after the last. */
const writers = {
  files: (): typeof import('./files') => require('./files'),
  sonobuoy: (): typeof import('./sonobuoy') => require('./sonobuoy'),
} as const;

export type Destination = (report: Report) => Promise<void>;

/** Throws a UserError where a directory takes nothing. */
export async function prepareDestinations({ reportDir, sonobuoyDir }: RunSettings): Promise<readonly Destination[]> {
  const destinations: Destination[] = [];
  if (reportDir !== undefined) {
    const directory = await ReportDirectory.prepare(reportDir, `--report-dir ${reportDir}`);
    destinations.push(async (report) => directory.write(writers.files().reportFiles(report)));
  }
  if (sonobuoyDir !== undefined) {
    const directory = await ReportDirectory.prepare(sonobuoyDir, `--sonobuoy: ${sonobuoyDir}`, FOR_POD);
    destinations.push(async (report) =>
      writers.sonobuoy().writeForSonobuoy(directory, report, writers.files().reportFiles(report)),
    );
  }
  return destinations;
}

/** Writes to every destination, also after one that failed; returns what failed first, for the end of the run. */
export async function writeReports(destinations: readonly Destination[], report: Report): Promise<unknown> {
  const written = await Promise.allSettled(destinations.map((write) => write(report)));
  return written.find((one) => one.status === 'rejected')?.reason;
}
