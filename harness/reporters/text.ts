// Formats the report as text: a line for each spec during the run, then failures, the ids of failed rules with their
// levels, and the verdict.
import { styleText } from 'node:util';
import { rankedFailures } from '../report/ranking';
import { NOT_RUN } from '../report/report';
import type { Exchange, Report, Result, Status } from '../report/results';
import { conformanceSentence, runLines, safetySentence } from '../report/sentences';
import { occurring, withShortIds } from './labels';

type Style = Parameters<typeof styleText>[0];
/** Applies a style to a text, or returns it unchanged. */
export type Paint = (style: Style, text: string) => string;

export const withoutColor: Paint = (_, text) => text;

/** Returns a function that colors text on a terminal, unless `NO_COLOR` is set (https://no-color.org). */
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

/** Maximum number of calls per failure. The JSON report contains all calls. */
const MAX_CALLS = 4;
const MAX_VALUE = 400;

/** Matches a character that is repeated forty or more times. */
const RUN = /(.)\1{39,}/g;

const shortened = (text: string) => {
  const brief = withShortIds(text).replaceAll(
    RUN,
    (run: string, character: string) => `${character}... (${run.length} times)`,
  );
  return brief.length > MAX_VALUE ? `${brief.slice(0, MAX_VALUE)}... (${brief.length} characters)` : brief;
};

const indent = (label: string, text: string) =>
  `    ${label.padEnd(9)} ${text.replaceAll('\n', `\n${' '.repeat(14)}`)}`;

/**
 * Returns the calls that the violation is about. If it is about no particular calls, returns the last calls, because
 * most violations happen at the end.
 */
function callLines({ exchanges = [] }: Result): string[] {
  const matter = exchanges.filter(({ matters }) => matters);
  const all = matter.length > 0 ? matter : exchanges;
  const isFirst = ({ sent, came }: Exchange, index: number) =>
    all.findIndex((one) => one.sent === sent && one.came === came) === index;
  const shown = all.filter(isFirst).slice(-MAX_CALLS);
  const more = exchanges.length - shown.length;
  return [
    ...shown.flatMap(({ wire, sent, came }) => [indent(wire, shortened(sent)), indent('', `-> ${shortened(came)}`)]),
    ...(more > 0 ? [indent('', `(${more} more ${more === 1 ? 'call' : 'calls'} in the JSON and HTML reports)`)] : []),
  ];
}

const rankOf = ({ level, strength }: Result) => `${level} ${strength}`;

/**
 * Returns lines that say what happened, what users lose, which calls were made, the source of the rule, and the command
 * that repeats the spec.
 */
export function evidenceLines(result: Result): string[] {
  const { id, source, violation, reason = '', impact, repeat } = result;
  return [
    indent('rule', id),
    indent('level', rankOf(result)),
    ...(violation
      ? [indent('happened', shortened(violation.actual)), indent('expected', violation.expected)]
      : [indent('because', reason)]),
    ...(impact === undefined ? [] : [indent('impact', impact)]),
    ...callLines(result),
    indent('source', `${source.document}, ${source.id} (${source.link})`),
    ...(repeat ? [indent('repeat', repeat)] : []),
  ];
}

/** Returns how many attempts of a spec passed, as a ratio; an empty text if no attempt could try the rule. */
const ratioOf = (attempts: readonly Status[]) =>
  attempts.every((status) => status === 'unsupported')
    ? ''
    : ` (passed ${attempts.filter((status) => status === 'pass').length} of ${attempts.length} times)`;

const lineOf = ({ status, attempts }: Result, what: string, paint: Paint) =>
  `${paint(MARKS[status][1], MARKS[status][0])} ${what}${attempts ? ratioOf(attempts) : ''}`;

/** Formats one result as a line. */
export const resultLine = (result: Result, paint: Paint = withoutColor): string => lineOf(result, result.id, paint);

interface HeadParts {
  readonly target: Report['target'];
  readonly run: Pick<Report['run'], 'seed' | 'repeat' | 'parallel'>;
  /** Returns how many of the selected specs need a capability. */
  readonly needing: (need: string) => number;
}

/** Returns the lines before the results: the target, its capabilities, and the order of the specs. */
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
    ...(target.slow ?? []).map((sentence) => `  slow: ${sentence}`),
    '',
  ];
}

/**
 * Returns lines about the rules that were not tried (by reason), the known failures, the failures with evidence, and
 * the ids of failed rules.
 */
export function findingLines(report: Pick<Report, 'verdict' | 'results'>, paint: Paint = withoutColor): string[] {
  const of = (...statuses: readonly Status[]) => report.results.filter(({ status }) => statuses.includes(status));
  const wrong = rankedFailures(report);
  const known = of('known-failure').map((result) => `  ${result.id}: ${result.reason ?? ''}`);
  const unsupported = of('unsupported').map(({ reason = '' }) => reason);
  const untried = [...new Set(unsupported)].map(
    (reason) => `  ${unsupported.filter((one) => one === reason).length} rules: ${reason}`,
  );
  const failures = wrong.flatMap((result) => [lineOf(result, result.title, paint), ...evidenceLines(result)]);
  const width = Math.max(...wrong.map(({ id }) => id.length));
  const list = wrong.map((result) => `  ${result.id.padEnd(width)}  ${rankOf(result)}`);
  return [
    ...(untried.length > 0 ? ['', paint('bold', 'Not supported'), ...untried] : []),
    ...(known.length > 0 ? ['', paint('bold', 'Known failures'), ...known] : []),
    ...(wrong.length > 0
      ? ['', paint('bold', 'Failures'), ...failures, '', paint('bold', 'These fail:'), ...list]
      : []),
  ];
}

/** Returns the lines after the results: counts, and the three parts of the verdict. */
export function verdictLines({ verdict, run, results }: Report, paint: Paint = withoutColor): string[] {
  const notRun = results.filter(({ status, reason }) => status === 'skipped' && reason?.startsWith(NOT_RUN)).length;
  const counts = occurring(verdict.counts).map(([status, count]) => `${count} ${status}`);
  const { status } = verdict.exit;
  return [
    '',
    counts.join(', '),
    ...(run.brokenOff === undefined ? [] : [`the run ended early: ${run.brokenOff}; ${notRun} rules were not run`]),
    ...runLines(run),
    `rules:       ${paint(verdict.counts.fail > 0 ? 'red' : status === 0 ? 'green' : 'yellow', verdict.headline)}`,
    `conformance: ${conformanceSentence({ verdict, results })}`,
    `safety:      ${safetySentence(verdict.safety)}`,
    `exit status: ${status}, ${verdict.exit.reason}`,
  ];
}
