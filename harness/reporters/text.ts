// The report for people: a line for each spec while they run; then what fails, the ids that fail, and the verdict.
import { styleText } from 'node:util';
import { byGroup } from '../report/group';
import { NOT_RUN } from '../report/report';
import type { Report, Result, Status } from '../report/results';
import { conformanceSentence, safetySentence } from '../report/verdict';
import { occurring } from './labels';

type Style = Parameters<typeof styleText>[0];
/** Puts a style around a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const withoutColor: Paint = (_, text) => text;

/** Colors on a terminal, unless the environment has `NO_COLOR` (https://no-color.org). */
export const paintFor = (stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint =>
  stream.isTTY && !environment['NO_COLOR']
    ? (style, text) => styleText(style, text, { validateStream: false })
    : withoutColor;

const MARKS: Record<Status, readonly [mark: string, style: Style]> = {
  pass: ['pass       ', 'green'],
  fail: ['FAIL       ', 'red'],
  error: ['ERROR      ', 'red'],
  unsupported: ['unsupported', 'gray'],
  skipped: ['skipped    ', 'gray'],
  'known-failure': ['known      ', 'yellow'],
};

/** A rule usually breaks at the end of what was exchanged; the JSON report has all of it. */
const LAST_SHOWN = 4;
const MAX_VALUE = 600;

const shortened = (text: string) =>
  text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}... (${text.length} characters)` : text;

const indent = (label: string, text: string) =>
  `    ${label.padEnd(9)} ${text.replaceAll('\n', `\n${' '.repeat(14)}`)}`;

/** Everything known of one result: rule, source, expectation, exchanges, and the command that repeats it. */
export function evidenceLines({ title, source, violation, reason = '', exchanges = [], repeat }: Result): string[] {
  return [
    indent('rule', title),
    indent('source', `${source.document}, ${source.id} (${source.link})`),
    ...(violation
      ? [indent('expected', violation.expected), indent('got', shortened(violation.actual))]
      : [indent('because', reason)]),
    ...exchanges
      .slice(-LAST_SHOWN)
      .flatMap(({ wire, sent, came }) => [indent(wire, shortened(sent)), indent('', `-> ${shortened(came)}`)]),
    ...(repeat ? [indent('repeat', repeat)] : []),
  ];
}

/** How often a spec passed that ran several times; nothing if no attempt could try it. */
const ratioOf = (attempts: readonly Status[]) =>
  attempts.every((status) => status === 'unsupported')
    ? ''
    : ` (passed ${attempts.filter((status) => status === 'pass').length} of ${attempts.length} times)`;

/** One result in one line. */
export function resultLine({ status, id, attempts }: Result, paint: Paint = withoutColor): string {
  const [mark, style] = MARKS[status];
  return `${paint(style, mark)} ${id}${attempts ? ratioOf(attempts) : ''}`;
}

interface HeadParts {
  readonly target: Report['target'];
  readonly run: Pick<Report['run'], 'seed' | 'repeat' | 'parallel'>;
  /** How many of the selected specs need something. */
  readonly needing: (need: string) => number;
}

/** The lines above the results: the target and its capabilities, and the order of the specs. */
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

/** The failures with their evidence, by group; the rules that were not tried, by reason; then the ids that fail. */
export function findingLines({ results }: Pick<Report, 'results'>, paint: Paint = withoutColor): string[] {
  const of = (...statuses: readonly Status[]) => results.filter(({ status }) => statuses.includes(status));
  const wrong = of('fail', 'error');
  const known = of('known-failure').map((result) => `  ${result.id}: ${result.reason ?? ''}`);
  const unsupported = of('unsupported').map(({ reason = '' }) => reason);
  const untried = [...new Set(unsupported)].map(
    (reason) => `  ${unsupported.filter((one) => one === reason).length} rules: ${reason}`,
  );
  const groups = [...byGroup(wrong)].flatMap(([group, members]) => [
    '',
    paint('bold', group),
    ...members.flatMap((result) => [resultLine(result, paint), ...evidenceLines(result)]),
  ]);
  return [
    ...(untried.length > 0 ? ['', paint('bold', 'Not supported'), ...untried] : []),
    ...(known.length > 0 ? ['', paint('bold', 'Known failures'), ...known] : []),
    ...groups,
    ...(wrong.length > 0 ? ['', paint('bold', 'These fail:'), ...wrong.map(({ id }) => `  ${id}`)] : []),
  ];
}

/** The lines below the results: counts, and the three parts of the verdict. */
export function verdictLines({ verdict, run, results }: Report, paint: Paint = withoutColor): string[] {
  const notRun = results.filter(({ status, reason }) => status === 'skipped' && reason?.startsWith(NOT_RUN)).length;
  const counts = occurring(verdict.counts).map(([status, count]) => `${count} ${status}`);
  const { status } = verdict.exit;
  return [
    '',
    counts.join(', '),
    ...(run.brokenOff === undefined ? [] : [`the run ended early: ${run.brokenOff}; ${notRun} rules were not run`]),
    `rules:       ${paint(verdict.counts.fail > 0 ? 'red' : status === 0 ? 'green' : 'yellow', verdict.headline)}`,
    `conformance: ${conformanceSentence(verdict.conformance)}`,
    `safety:      ${safetySentence(verdict.safety)}`,
    `exit status: ${status}, ${verdict.exit.reason}`,
  ];
}
