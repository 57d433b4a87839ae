// The report as TAP version 14, for harnesses that read it.

import { yaml } from '../base/yaml';
import type { Report, Result } from '../report/results';

/** A line of TAP must not hold a newline or a bare `#`. */
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replaceAll('\n', ' ');

function line(result: Result, number: number): string {
  const { status, id, reason = '' } = result;
  const ok = status === 'fail' || status === 'error' || status === 'known-failure' ? 'not ok' : 'ok';
  const directive =
    status === 'unsupported' || status === 'skipped'
      ? ` # SKIP ${escaped(`${status}: ${reason}`)}`
      : status === 'known-failure'
        ? ` # TODO ${escaped(reason)}`
        : '';
  return `${ok} ${number} - ${escaped(id)}${directive}`;
}

function details({ status, level, strength, violation, exchanges, repeat, reason }: Result): string[] {
  if (status !== 'fail' && status !== 'error') return [];
  const block = yaml().stringify({ status, level, strength, reason, violation, exchanges, repeat }).trimEnd();
  return ['  ---', ...block.split('\n').map((text) => `  ${text}`), '  ...'];
}

export function tapLines({ results, verdict }: Report): string[] {
  const rows = results.flatMap((result, index) => [line(result, index + 1), ...details(result)]);
  return ['TAP version 14', `1..${results.length}`, ...rows, `# ${verdict.summary}`];
}
