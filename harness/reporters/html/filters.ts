// Makes the filters for the list of rules: status, level, group and text. The filters are hidden unless JavaScript
// runs.
import { LEVELS } from '../../../specs/subject/spec';
import { byGroup } from '../../report/group';
import type { Report } from '../../report/results';
import { LEVEL_MEANINGS, MARKS, occurring } from '../labels';
import { html, type Markup } from './markup';

export function filters({ results, verdict }: Report): Markup {
  const statuses = occurring(verdict.counts).map(
    ([status, count]) =>
      html`<label class="choice"><input type="checkbox" name="status" value="${status}"><span class="dot ${status}" aria-hidden="true">${MARKS[status]}</span><span>${status}</span> <span class="faint">${count}</span></label>`,
  );
  const levels = LEVELS.map((level) => [level, results.filter((one) => one.level === level).length] as const)
    .filter(([, count]) => count > 0)
    .map(
      ([level, count]) =>
        html`<label class="choice" title="${LEVEL_MEANINGS[level]}"><input type="checkbox" name="level" value="${level}"><span>${level}</span> <span class="faint">${count}</span></label>`,
    );
  const groups = [...byGroup(results).keys()].map((group) => html`<option value="${group}">${group}</option>`);
  return html`<form class="filters" aria-label="Filters" hidden>
<label class="field">Text<input type="search" name="text" placeholder="id, rule, answer" autocomplete="off" spellcheck="false"></label>
<label class="field">Group<select name="group"><option value="">all groups</option>${groups}</select></label>
<fieldset><legend>Status</legend>${statuses}</fieldset>
<fieldset><legend>Level</legend>${levels}</fieldset>
<div class="actions"><button type="reset">Show all</button><button type="button" data-fold="open">Open all</button><button type="button" data-fold="close">Close all</button></div>
<p class="shown" role="status"></p>
</form>`;
}
