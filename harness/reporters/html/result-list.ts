// Makes the list of rules by group, preceded by the list of failures.
import type { Source } from '../../../specs/subject/spec';
import { byGroup, nameOf } from '../../report/group';
import { rankedFailures } from '../../report/ranking';
import type { Exchange, Report, Result } from '../../report/results';
import { durationText, MARKS, MEANINGS, withShortIds } from '../labels';
import { html, type Markup } from './markup';

export const ruleAnchor = ({ id }: Pick<Result, 'id'>): string => `rule:${id}`;

const isRed = ({ status }: Result) => status === 'fail' || status === 'error';

const saidOf = ({ violation, reason = '' }: Result) => withShortIds(violation ? violation.actual : reason);

/** Makes the list of failures, with links into the list of rules. Failures that count come first. */
export function attention(report: Report): Markup {
  const red = rankedFailures(report);
  if (red.length === 0) return html``;
  const rows = red.map(
    (result) =>
      html`<li><a href="#${ruleAnchor(result)}"><span class="dot ${result.status}" aria-hidden="true">${MARKS[result.status]}</span><span><span class="title">${result.status === 'fail' ? 'Broken rule: ' : ''}${result.title}</span><span class="said">${saidOf(result)}</span>${result.impact === undefined ? undefined : html`<span class="impact">${result.impact}</span>`}<code>${result.id}</code><span class="tag">${result.level} ${result.strength}</span></span></a></li>`,
  );
  return html`<section class="attention" aria-labelledby="attention-title"><h2 id="attention-title">Failures <span class="faint">${red.length}</span></h2><ul>${rows}</ul></section>`;
}

/**
 * Makes a link only for http and https: specs that are not from this suite may have other links, such as to scripts.
 * Pages of this project are shown by their path.
 */
const link = ({ document, id, link: address }: Source) =>
  /^https?:/i.test(address)
    ? html`<a href="${address}" rel="noreferrer noopener">${document}, ${id}</a>`
    : html`${document}, ${id} (<code>${address}</code>)`;

/** Maximum number of calls in a list that is open; longer lists are collapsed. */
const MAX_OPEN = 6;

/** Number of characters of a text that fits without scrolling. Longer texts must be focusable by keyboard. */
const SCROLLED = 900;

const block = (text: string, kind: string) =>
  text.length > SCROLLED
    ? html`<pre class="${kind}" tabindex="0" role="region" aria-label="${kind}, long">${text}</pre>`
    : html`<pre class="${kind}">${text}</pre>`;

const step = ({ wire, sent, came }: Exchange) =>
  html`<li><span class="wire">${wire === 'CRI' ? 'gRPC' : wire}</span>${block(sent, 'sent')}${block(came, 'answer')}</li>`;

/** Shortens the ids in a call. The list of all calls contains the full ids. */
const withShortTexts = (one: Exchange): Exchange => ({
  ...one,
  sent: withShortIds(one.sent),
  came: withShortIds(one.came),
});

const calls = (title: string, exchanges: readonly Exchange[], isOpen: boolean) => {
  if (exchanges.length === 0) return undefined;
  const count = exchanges.length === 1 ? '1 call' : `${exchanges.length} calls`;
  const inside = html`<summary>${title} <span class="faint">${count}</span></summary><ol class="wires">${exchanges.map(step)}</ol>`;
  return isOpen
    ? html`<details class="exchange" open>${inside}</details>`
    : html`<details class="exchange">${inside}</details>`;
};

/** Shows first the calls that the violation is about, and then all calls in their order. */
function exchangesOf(result: Result): readonly (Markup | undefined)[] {
  const { exchanges = [] } = result;
  const matter = exchanges.filter(({ matters }) => matters);
  if (matter.length === 0 || matter.length === exchanges.length)
    return [calls('Calls', exchanges, isRed(result) && exchanges.length <= MAX_OPEN)];
  return [calls('Calls in question', matter.map(withShortTexts), isRed(result)), calls('All calls', exchanges, false)];
}

function evidence({ violation, reason, status, impact }: Result): Markup {
  if (violation)
    return html`<div class="versus"><div class="actual"><h4>What happened</h4>${block(violation.actual, 'result')}</div><div class="expected"><h4>Expected</h4>${block(violation.expected, 'expectation')}</div></div>${
      impact === undefined ? undefined : html`<p class="because"><b>Impact:</b> ${impact}</p>`
    }${status === 'known-failure' ? html`<p class="because"><b>Known:</b> ${reason}</p>` : undefined}`;
  return reason === undefined ? html`` : html`<p class="because"><b>Because</b> ${reason}</p>`;
}

function rule(result: Result): Markup {
  const { id, title, level, strength, source, status, durationMs, repeat, attempts } = result;
  return html`<details class="rule ${status}" id="${ruleAnchor(result)}" data-id="${id}" data-status="${status}" data-level="${level}">
<summary><span class="dot ${status}" aria-hidden="true">${MARKS[status]}</span><span class="what"><span class="title">${title}</span><code>${nameOf(id)}</code></span><span class="tags"><span class="tag status ${status}">${status}</span><span class="tag">${level} ${strength}</span><span class="time">${durationText(durationMs)}</span></span></summary>
<div class="body">
<p class="meta"><span><b>${status}</b>: ${MEANINGS[status]}</span><span>Source: ${link(source)}</span><span class="full"><code>${id}</code></span>${
    attempts ? html`<span>Attempts: ${attempts.join(', ')}</span>` : undefined
  }</p>
${evidence(result)}
${exchangesOf(result)}
${repeat === undefined ? undefined : html`<div class="repeat"><h4>Repeat</h4><pre>${repeat}</pre><button type="button" data-copy hidden>Copy</button></div>`}
</div></details>
`;
}

/** Makes one group. It is collapsed if all its rules were skipped. */
function groupOfRules([group, members]: readonly [string, readonly Result[]]): Markup {
  const isSkipped = members.every(({ status }) => status === 'skipped');
  const heading = html`<h3>${group} <span class="faint"><span class="matching">${members.length}</span>${isSkipped ? ' skipped' : ''}</span></h3>`;
  const rules = members.map(rule);
  const inside = isSkipped
    ? html`<details class="skipped-group"><summary>${heading}</summary>${rules}</details>`
    : html`${heading}${rules}`;
  return html`<section class="group" data-group="${group}" aria-label="${group}">${inside}</section>`;
}

/** Makes the list of all rules, by group. */
export function resultList({ results }: Report): Markup {
  const groups = [...byGroup(results)].map(groupOfRules);
  return html`<section class="results" id="results" tabindex="-1" aria-labelledby="results-title"><h2 id="results-title">Rules</h2>${groups}<p class="nothing" hidden>No rule matches.</p></section>`;
}
