// Makes the report as Markdown for GitHub's job summaries, comments and issues.
import type { Source } from '../../specs/subject/spec';
import { byGroup, nameOf } from '../report/group';
import { rankedFailures } from '../report/ranking';
import { secondsOf } from '../report/report';
import type { Report, Result, Status } from '../report/results';
import { conformanceSentence, safetySentence } from '../report/sentences';
import { BY_WEIGHT, durationText, MARKS, occurring } from './labels';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '|': '&#124;',
  '`': '&#96;',
  '\\': '&#92;',
  '*': '&#42;',
  _: '&#95;',
  '~': '&#126;',
  '[': '&#91;',
  ']': '&#93;',
  $: '&#36;',
  ':': '&#58;',
};

/** An invisible character keeps GitHub from creating mentions and references. */
const UNLINKED: Readonly<Record<string, string>> = { '@': '@&#8203;', '#': '#&#8203;' };

/** Replaces characters in one pass, so that replacements are not replaced again. */
const replaced = (text: string, replacements: Readonly<Record<string, string>>) =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[^\w\s]|_/g, (character) => replacements[character] ?? character);

/** Returns the text as one line in which nothing is Markdown or HTML. */
const plain = (text: string) => replaced(text, ENTITIES);

/** Formats a text that may come from a target. In a code element GitHub creates no links, mentions or references. */
const code = (text: string) => `<code>${plain(text)}</code>`;

/** Formats a sentence. */
const prose = (text: string) => replaced(text, { ...ENTITIES, ...UNLINKED });

/** Formats a code block. Its fence is longer than any run of backticks in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]) =>
  rows.length === 0 ? [] : [row(...head), row(...head.map(() => '---')), ...rows, ''];

const folded = (summary: string, ...lines: readonly string[]) => [
  '<details>',
  `<summary>${summary}</summary>`,
  '',
  ...lines,
  '',
  '</details>',
  '',
];

const exchangesText = ({ exchanges = [] }: Result) =>
  exchanges.map(({ wire, sent, came }) => `${wire}  ${sent}\n  -> ${came}`).join('\n');

/** Makes a link only for http and https: specs that are not from this suite may have other links. */
const sourceText = ({ document, id, link }: Source) =>
  /^https?:[^\s()<>]*$/i.test(link)
    ? `[${prose(`${document}, ${id}`)}](${link})`
    : prose(`${document}, ${id} (${link})`);

/** Formats the evidence for a rule that did not pass. */
function finding(result: Result): readonly string[] {
  const { id, title, level, strength, source, violation, reason = '', impact } = result;
  const { repeat, durationMs, status, attempts } = result;
  const facts = violation
    ? [
        `- **Happened** ${code(violation.actual)}`,
        `- **Expected** ${code(violation.expected)} (${code(violation.label)})`,
      ]
    : [`- **Because** ${code(reason)}`];
  return [
    `#### ${MARKS[status]} ${status}: ${prose(title)}`,
    '',
    ...facts,
    ...(impact === undefined ? [] : [`- **Impact** ${prose(impact)}`]),
    `- **Rule** ${code(id)}, ${level} ${strength}, ${sourceText(source)}`,
    `- **Took** ${durationText(durationMs)}${attempts ? `, attempts: ${attempts.join(', ')}` : ''}`,
    '',
    ...(repeat ? ['Repeat with', '', fenced(repeat), ''] : []),
    ...(result.exchanges?.length
      ? folded(`Exchanges (${result.exchanges.length})`, fenced(exchangesText(result)))
      : []),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`### ${title}`, '', ...lines];
}

const reasonTable = (results: readonly Result[]) =>
  table(
    ['rule', 'because'],
    results.map(({ id, reason = '' }) => row(code(id), code(reason))),
  );

/** Counts the statuses in each group. Excluded rules are omitted. */
function countsByGroup(all: readonly Result[]): readonly string[] {
  const results = all.filter(({ status }) => status !== 'skipped');
  const shown = BY_WEIGHT.filter((status) => results.some((result) => result.status === status));
  const rows = [...byGroup(results)].map(([group, members]) => {
    const count = (status: Status) => members.filter((result) => result.status === status).length;
    return row(code(group), ...shown.map((status) => String(count(status) || '')));
  });
  return table(['group', ...shown], rows);
}

/** Returns the report as a Markdown document. */
export function markdown({ run, target, tool, verdict, results }: Report): string {
  const of = (...statuses: readonly Status[]) => results.filter(({ status }) => statuses.includes(status));
  const passes = [...byGroup(of('pass'))].map(
    ([group, members]) => `- ${code(group)}: ${members.map(({ id }) => code(nameOf(id))).join(', ')}`,
  );
  const offers = Object.entries(target.found ?? {}).map(([need, how]) => row(code(need), code(how)));
  const lacks = Object.entries(target.lacks).map(([need, why]) => row(code(need), code(why)));
  const settings = [
    ...(run.seed === undefined ? [] : [`seed ${run.seed}`]),
    ...(run.repeat === undefined ? [] : [`${run.repeat} times each`]),
    ...(run.parallel === undefined ? [] : [`${run.parallel} at a time`]),
  ];
  return `${[
    `## ckptest: ${prose(verdict.headline)}`,
    '',
    `- **Conformance** ${prose(conformanceSentence({ verdict, results }))}`,
    `- **Safety** ${prose(safetySentence(verdict.safety))}`,
    `- **Exit status** ${verdict.exit.status}, ${prose(verdict.exit.reason)}`,
    '',
    ...(run.brokenOff === undefined ? [] : [`**The run ended early:** ${prose(run.brokenOff)}`, '']),
    occurring(verdict.counts)
      .map(([status, count]) => `${MARKS[status]} ${count} ${status}`)
      .join(' · '),
    '',
    ...table(
      ['level', 'strength', ...BY_WEIGHT],
      verdict.tallies.map(({ level, strength, counts }) =>
        row(level, strength, ...BY_WEIGHT.map((status) => String(counts[status]))),
      ),
    ),
    ...section('Failures', rankedFailures({ verdict, results }).flatMap(finding)),
    ...section('Known failures', reasonTable(of('known-failure'))),
    ...section('Target', [
      `- Kubelet: ${code(target.kubelet)}`,
      `- Runtime: ${code(target.runtime)}`,
      '',
      ...table(['lacks', 'because'], lacks),
      ...table(['offers', 'found by'], offers),
    ]),
    ...section('Groups', countsByGroup(results)),
    ...(of('unsupported').length > 0
      ? folded(`Not supported (${of('unsupported').length})`, ...reasonTable(of('unsupported')))
      : []),
    ...(passes.length > 0 ? folded(`Holds (${of('pass').length})`, ...passes) : []),
    `ckptest ${tool.version} on Node.js ${tool.node}, ${run.startedAt}, ${secondsOf(run).toFixed(1)} s${settings.map((text) => `, ${text}`).join('')}. Repeat the run with`,
    '',
    fenced(run.command),
  ].join('\n')}\n`;
}
