// Makes the section about the target and the run: what was found out before the first rule, which rules are
// unsupported, and how the run went.
import { NEEDS } from '../../../specs/subject/subject';
import { secondsOf } from '../../report/report';
import type { Report, Result } from '../../report/results';
import { MARKS } from '../labels';
import { html, type Markup } from './markup';

/** Returns how many rules are unsupported for a reason. */
function consequence(reason: string, results: readonly Result[]): string {
  const count = results.filter((one) => one.status === 'unsupported' && one.reason === reason).length;
  return count === 0
    ? 'no rule of this run needs it'
    : count === 1
      ? '1 rule is unsupported'
      : `${count} rules are unsupported`;
}

const meaningOf = (need: string) => Object.entries(NEEDS).find(([known]) => known === need)?.[1] ?? '';

/** Lists the missing capabilities. Capabilities with the same reason share an entry. */
function lacking({ target, results }: Report): readonly Markup[] {
  const reasons = [...new Set(Object.values(target.lacks))];
  return reasons.map((reason) => {
    const needs = Object.keys(target.lacks).filter((need) => target.lacks[need] === reason);
    return html`<li><span class="dot unsupported" aria-hidden="true">${MARKS.unsupported}</span><div><b>${needs.join(', ')}</b>: not supported<p class="faint">${needs.map(meaningOf).join('; ')}</p><p>${reason}</p><p class="follows">${consequence(reason, results)}</p></div></li>`;
  });
}

function offered({ target }: Report): readonly Markup[] {
  return Object.entries(NEEDS)
    .filter(([need]) => target.lacks[need] === undefined)
    .map(([need, meaning]) => {
      const how = target.found?.[need];
      return html`<li><span class="dot pass" aria-hidden="true">${MARKS.pass}</span><div><b>${need}</b><p class="faint">${meaning}</p>${
        how === undefined ? undefined : html`<p class="follows">${how}</p>`
      }</div></li>`;
    });
}

function availability(count: number): string {
  const total = Object.keys(NEEDS).length;
  return count === total
    ? `All ${total} capabilities are available`
    : `${count} of ${total} capabilities are available`;
}

/**
 * Returns whether the target started. If the target did not start, nothing is known about it, and no rule was tried.
 */
const cameUp = ({ run, results }: Report) =>
  run.brokenOff === undefined || results.some(({ status, durationMs }) => status === 'pass' || durationMs > 0);

/** Makes the section about the target and the rules that it does not support. */
export function targetFacts(report: Report): Markup {
  const { target } = report;
  const [lacks, offers] = [lacking(report), offered(report)];
  const needs = cameUp(report)
    ? html`${lacks.length > 0 ? html`<ul class="needs">${lacks}</ul>` : undefined}
<details class="fold"><summary>${availability(offers.length)}</summary><ul class="needs">${offers}</ul></details>`
    : html`<p>The target did not start, so nothing is known about it.</p>`;
  return html`<section class="target" aria-labelledby="target-title"><h2 id="target-title">Target</h2>
<dl class="facts"><div><dt>Kubelet</dt><dd>${target.kubelet}</dd></div><div><dt>Runtime</dt><dd>${target.runtime}</dd></div></dl>
${needs}</section>`;
}

const at = (time: string) => html`<time datetime="${time}">${time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>`;

const fact = (name: string, value: Markup | string | number | undefined) =>
  value === undefined ? html`` : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

export function runFacts({ run, tool }: Report): Markup {
  return html`<section aria-labelledby="run-title"><h2 id="run-title">Run</h2>
<dl class="facts">${fact('Started', at(run.startedAt))}${fact('Took', `${secondsOf(run).toFixed(1)} s`)}${fact('Seed', run.seed)}${fact('Times each', run.repeat)}${fact('At a time', run.parallel)}${fact('Made by', `${tool.name} ${tool.version} on Node.js ${tool.node}`)}</dl>
<div class="repeat"><h4>Repeat the run</h4><pre>${run.command}</pre><button type="button" data-copy hidden>Copy</button></div></section>`;
}
