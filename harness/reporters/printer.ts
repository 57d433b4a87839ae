// Prints a run on standard output in the format that was asked for, and its progress on standard error.
import type { Report, Result } from '../report/results';
import type { OutputFormat } from '../run/output-format';
import { type Progress, progressOn } from '../run/progress';
import { tapLines } from './tap';
import { findingLines, headLines, paintFor, resultLine, verdictLines } from './text';

export interface OutputStreams {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** A terminal has `isTTY`. */
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface Printer {
  /** Before the first spec: the target, and the order of the specs. */
  start(head: Parameters<typeof headLines>[0], total: number): void;
  result(result: Result): void;
  /** After the last spec, also if the run ended early. */
  stop(): void;
  /** The whole report, and where its files are. */
  report(report: Report, files: string | undefined): void;
}

/** Makes the printer of one run. */
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
      // A progress bar and lines would overwrite each other on a terminal.
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
