// Makes the top of the page: the verdict, and the number of rules with each status.

import type { Report, Safety, Status, Tally } from '../../report/results';
import { conformanceSentence, runLines, safetyCount } from '../../report/sentences';
import { triedOf } from '../../report/tally';
import { LEVEL_MEANINGS, MARKS, MEANINGS, occurring, toneOf } from '../labels';
import { html, type Markup, type Part } from './markup';
import { ruleAnchor } from './result-list';

const SIGNS = { good: MARKS.pass, bad: MARKS.fail, unsure: '?' } as const;

const CONFORMANCE_TONES = {
  conformant: 'good',
  'partly verified': 'unsure',
  'not conformant': 'bad',
  undecided: 'unsure',
} as const;

/** Draws the shares of the statuses as a colored bar. */
function bar(shares: readonly (readonly [Status, number])[]): Markup {
  const total = shares.reduce((sum, [, count]) => sum + count, 0);
  let start = 0;
  const pieces = shares.map(([status, count]) => {
    const piece = html`<rect class="fill-${status}" x="${start}" width="${count}" height="1"/>`;
    start += count;
    return piece;
  });
  return html`<svg class="bar" viewBox="0 0 ${total} 1" preserveAspectRatio="none" aria-hidden="true">${pieces}</svg>`;
}

/** Makes the count for one status. If JavaScript runs, clicking the count filters the list by this status. */
const tile = ([status, count]: readonly [Status, number]) =>
  html`<li><button type="button" class="tile ${status}" data-show-status="${status}" title="${MEANINGS[status]}">
<span class="count"><span class="mark" aria-hidden="true">${MARKS[status]}</span> ${count}</span>
<span class="name">${status}</span></button></li>`;

/** Makes the line that says how many of the tried rules passed. */
function tallyItem({ level, strength, counts }: Tally): Markup {
  const tried = triedOf(counts);
  const wrong = counts.fail + counts.error;
  return html`<li title="${level}: ${LEVEL_MEANINGS[level]}"><span>${level} ${strength}</span> <b class="${wrong > 0 ? 'fail' : tried > 0 ? 'pass' : 'skipped'}">${
    tried > 0 ? `${counts.pass} of ${tried}` : 'not tried'
  }</b></li>`;
}

type Tone = keyof typeof SIGNS;

const TONE_MEANINGS = {
  good: 'as it should be',
  bad: 'something fails',
  unsure: 'not everything was tried, or could be judged',
} as const;

/** Makes one part of the verdict below the headline. */
const part = (name: string, tone: Tone, content: Part) =>
  html`<div class="${tone}"><dt title="${TONE_MEANINGS[tone]}"><span aria-hidden="true">${SIGNS[tone]}</span> ${name}</dt><dd>${content}</dd></div>`;

/**
 * Returns `deadline/no-archive-appears` for `runtime/deadline/no-archive-appears`. The group is kept, because several
 * rules may have the same name.
 */
const withoutArea = (id: string) => id.slice(id.indexOf('/') + 1);

/** Lists what users lose, with links to the rules that fail. */
const harmItem = ({ harm, ids }: Safety['harms'][number]) =>
  html`<li>${harm}: ${ids.map((id, index) => html`${index > 0 ? ', ' : ''}<a href="#${ruleAnchor({ id })}">${withoutArea(id)}</a>`)}</li>`;

const safetyText = (safety: Safety) =>
  html`${safetyCount(safety)}${safety.harms.length > 0 ? html`<ul class="harms">${safety.harms.map(harmItem)}</ul>` : undefined}`;

export function banner({ verdict, run, results }: Report): Markup {
  const tone = toneOf(verdict);
  const { conformance, safety, exit } = verdict;
  const shares = occurring(verdict.counts);
  const safetyTone = safety.failed > 0 ? 'bad' : safety.tried > 0 ? 'good' : 'unsure';
  return html`<div class="banner ${tone}">
<p class="product">ckptest report</p>
<div class="verdict"><span class="sign" aria-hidden="true">${SIGNS[tone]}</span>
<div><h1>${verdict.headline}</h1><p class="as">exit status ${exit.status}: ${exit.reason}</p></div></div>
<dl class="parts">${part('Conformance', CONFORMANCE_TONES[conformance.status], `${conformanceSentence({ verdict, results })} (profile ${conformance.profile})`)}${part('Safety', safetyTone, safetyText(safety))}</dl>
${runLines(run).map((line) => html`<p class="broken">${line}</p>`)}
${run.brokenOff === undefined ? undefined : html`<p class="broken"><strong>The run ended early:</strong> ${run.brokenOff}</p>`}
${bar(shares)}
<ul class="tiles">${shares.map(tile)}</ul>
<ul class="tallies" aria-label="By level and strength">${verdict.tallies.map(tallyItem)}</ul>
</div>`;
}
