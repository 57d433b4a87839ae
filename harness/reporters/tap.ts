// Makes the report as TAP version 14.

import { yaml } from '../base/yaml';
import type { Report, Result } from '../report/results';
import { summaryLines } from '../report/sentences';

/** Escapes newlines and `#`, which have a special meaning in TAP. */
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replaceAll('\n', ' ');

function line(result: Result, number: number): string {
  const { status, id, reason = '' } = result;
  const ok = status === 'fail' || status === 'error' || status === 'known-failure' ? 'not ok' : 'ok';
  const directive =
    status === 'unsupported'
      ? ` # SKIP ${escaped(reason)}`
      : status === 'known-failure'
        ? ` # TODO ${escaped(reason)}`
        : '';
  return `${ok} ${number} - ${escaped(id)}${directive}`;
}

function details({ status, level, strength, violation, impact, exchanges, repeat, reason }: Result): string[] {
  if (status !== 'fail' && status !== 'error') return [];
  const block = yaml().stringify({ status, level, strength, reason, violation, impact, exchanges, repeat }).trimEnd();
  return ['  ---', ...block.split('\n').map((text) => `  ${text}`), '  ...'];
}

/** Returns the lines of the TAP document. Excluded rules are counted but not listed. */
export function tapLines(report: Report): string[] {
  const results = report.results.filter(({ status }) => status !== 'skipped');
  const rows = results.flatMap((result, index) => [line(result, index + 1), ...details(result)]);
  const { status, reason } = report.verdict.exit;
  return [
    'TAP version 14',
    `1..${results.length + 1}`,
    ...rows,
    // The exit status is a separate test point, so that a run with exit status 1 or 2 never looks successful.
    `${status === 0 ? 'ok' : 'not ok'} ${results.length + 1} - exit status ${status}: ${escaped(reason)}`,
    ...summaryLines(report).map((text) => `# ${escaped(text)}`),
  ];
}
