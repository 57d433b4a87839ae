// Writes the reports of a run to their destinations. Each directory is checked before the run.
import type { Report } from '../report/results';
import type { RunSettings } from '../run/settings';
import { FOR_POD, ReportDirectory } from './report-directory';

/** These modules are loaded when reports are written, so that loading them does not delay the first result. */
const writers = {
  files: (): typeof import('./files') => require('./files'),
  sonobuoy: (): typeof import('./sonobuoy') => require('./sonobuoy'),
} as const;

export type Destination = (report: Report) => Promise<void>;

/**
 * Checks the directories for reports.
 *
 * @returns functions that write the report
 * @throws UserError if a directory cannot be written
 */
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

/**
 * Writes the report to every destination, even if one fails.
 *
 * @returns the first error, or undefined
 */
export async function writeReports(destinations: readonly Destination[], report: Report): Promise<unknown> {
  const written = await Promise.allSettled(destinations.map((write) => write(report)));
  return written.find((one) => one.status === 'rejected')?.reason;
}
