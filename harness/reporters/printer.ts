// Prints the report on standard output in the chosen format, and the progress on standard error.
import type { Report, Result } from '../report/results';
import type { OutputFormat } from '../run/output-format';
import { type Progress, progressOn } from '../run/progress';
import { tapLines } from './tap';
import { findingLines, headLines, paintFor, resultLine, verdictLines } from './text';

export interface OutputStreams {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Standard error. `isTTY` is true if it is a terminal. */
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface Printer {
  /** Called before the first spec. Prints the target and the order of the specs. */
  start(head: Parameters<typeof headLines>[0], total: number): void;
  result(result: Result): void;
  /** Called after the last spec, even if the run ended early. */
  stop(): void;
  /**
   * Prints the report.
   *
   * @param files path of the HTML report; undefined if none was written
   */
  report(report: Report, files: string | undefined): void;
}

/** Makes the printer for one run. */
export function printerFor(format: OutputFormat, { out, err }: OutputStreams): Printer {
  const paint = paintFor(out, process.env);
  const isText = format === 'text';
  let progress: Progress | undefined;
  const print = (lines: readonly string[]) => void out.write(lines.map((line) => `${line}\n`).join(''));
  return {
    start(head, total) {
      if (isText) print(headLines(head));
      progress = progressOn(err, total);
    },
    result(result) {
      progress?.step(result.id);
      // On a terminal, do not print lines: they and the progress bar would overwrite each other.
      if (isText && !err.isTTY && result.status !== 'skipped') print([resultLine(result, paint)]);
    },
    stop: () => progress?.stop(),
    report(report, files) {
      if (format === 'json') print([JSON.stringify(report, null, 2)]);
      else if (format === 'tap') print(tapLines(report));
      else
        print([
          ...findingLines(report, paint),
          ...verdictLines(report, paint),
          ...(files === undefined ? [] : [`report:      ${files}`]),
        ]);
    },
  };
}
