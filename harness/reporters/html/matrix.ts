// Makes the table that shows, for each group and level, how many rules have each status.
import { LEVELS, type Level } from '../../../specs/subject/spec';
import { byGroup } from '../../report/group';
import type { Report, Result } from '../../report/results';
import { countStatuses } from '../../report/tally';
import { LEVEL_MEANINGS, MARKS, occurring } from '../labels';
import { html, type Markup } from './markup';

function cell(group: string, level: Level, members: readonly Result[]): Markup {
  const alike = members.filter((result) => result.level === level);
  if (alike.length === 0) return html`<td role="cell" class="none" data-level="${level}"></td>`;
  const counts = occurring(countStatuses(alike));
  const summary = counts.map(([status, count]) => `${count} ${status}`).join(', ');
  return html`<td role="cell" data-level="${level}"><button type="button" class="cell" data-show-group="${group}" data-show-level="${level}"
 aria-label="${group}, ${level}: ${summary}" title="${summary}">${counts.map(
   ([status, count]) =>
     html`<span class="pill ${status}"><span aria-hidden="true">${MARKS[status]}</span> ${count}</span>`,
 )}</button></td>`;
}

/**
 * Makes the table. Its ARIA roles are explicit. On narrow screens the style displays the table as blocks, and browsers
 * then drop the implicit roles.
 */
export function matrix({ results }: Report): Markup {
  const rows = [...byGroup(results)].map(
    ([group, members]) =>
      html`<tr role="row"><th role="rowheader" scope="row">${group}</th>${LEVELS.map((level) => cell(group, level, members))}</tr>`,
  );
  return html`<table class="matrix" role="table" aria-labelledby="matrix-title">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">group</th>${LEVELS.map((level) => html`<th role="columnheader" scope="col" title="${LEVEL_MEANINGS[level]}">${level}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table>`;
}
