// The report for people: a line a spec, everything known of what failed, the verdict last.
import type { Report, Result, Status } from '../report/results';

const MARKS: Record<Status, string> = {
  pass: 'pass       ',
  fail: 'FAIL       ',
  error: 'ERROR      ',
  unsupported: 'unsupported',
  skipped: 'skipped    ',
  'known-failure': 'known      ',
};

/** The rule broke at the end of what was exchanged; the JSON report has all of it. */
const LAST_SHOWN = 4;

const indent = (label: string, text: string) =>
  `    ${label.padEnd(9)} ${text.replaceAll('\n', `\n${' '.repeat(14)}`)}`;

/** Everything known of one result: rule, source, expectation, exchanges, and the command that repeats it. */
export function evidenceLines({ title, source, violation, reason = '', exchanges = [], repeat }: Result): string[] {
  return [
    indent('rule', title),
    indent('source', `${source.document}, ${source.id} (${source.link})`),
    ...(violation
      ? [indent('expected', `${violation.expected} (${violation.label})`), indent('got', violation.actual)]
      : [indent('because', reason)]),
    ...exchanges.slice(-LAST_SHOWN).flatMap(({ wire, sent, came }) => [indent(wire, sent), indent('', `-> ${came}`)]),
    ...(repeat ? [indent('repeat', repeat)] : []),
  ];
}

/** How often a spec held that ran several times; what no attempt could try neither held nor did not. */
const ratioOf = (attempts: readonly Status[]) =>
  attempts.every((status) => status === 'unsupported')
    ? ''
    : ` (held ${attempts.filter((status) => status === 'pass').length} of ${attempts.length} times)`;

/** One result; of a failure everything that is known. */
export function resultLines(result: Result): string[] {
  const { status, id, reason = '', attempts } = result;
  const head = `${MARKS[status]} ${id}${attempts ? ratioOf(attempts) : ''}`;
  if (status === 'pass' || status === 'skipped') return [head];
  if (status === 'unsupported' || status === 'known-failure') return [head, indent('because', reason)];
  return [head, ...evidenceLines(result)];
}

interface HeadParts {
  readonly target: Report['target'];
  readonly run: Pick<Report['run'], 'seed' | 'repeat' | 'parallel'>;
  /** How many of the chosen specs need something. */
  readonly needing: (need: string) => number;
}

/** What stands above the results. */
export function headLines({ target, run, needing }: HeadParts): string[] {
  const offers = Object.entries(target.found ?? {}).map(([need, how]) => `  offers ${need}: ${how}`);
  const lacks = Object.entries(target.lacks).map(
    ([need, reason]) => `  lacks ${need}: ${reason} (specs that need it: ${needing(need)})`,
  );
  const order = [
    `seed ${run.seed}`,
    ...(run.repeat && run.repeat > 1 ? [`${run.repeat} times each`] : []),
    ...(run.parallel && run.parallel > 1 ? [`${run.parallel} at a time`] : []),
  ];
  return [
    `kubelet: ${target.kubelet}`,
    `runtime: ${target.runtime}`,
    `order:   ${order.join(', ')}`,
    ...offers,
    ...lacks,
    '',
  ];
}

/** What stands below them. */
export function verdictLines({ verdict }: Pick<Report, 'verdict'>): string[] {
  const counts = Object.entries(verdict.counts).filter(([, count]) => count > 0);
  return ['', counts.map(([status, count]) => `${count} ${status}`).join(', '), verdict.summary];
}
