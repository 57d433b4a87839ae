// Makes the contents of a report's files.
import type { Report } from '../report/results';
import { htmlPage } from './html/page';
import { junitXml } from './junit';
import { markdown } from './markdown';
import type { ReportFiles } from './report-directory';

/** Returns the content of each file, by file name. */
export function reportFiles(report: Report): ReportFiles {
  return new Map([
    ['results.json', `${JSON.stringify(report, null, 2)}\n`],
    ['junit.xml', junitXml(report)],
    ['report.md', markdown(report)],
    ['report.html', htmlPage(report)],
  ]);
}
