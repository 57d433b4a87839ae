// Draws the memory of a process as a bar. The width of each area shows how much of it is in the archive.
import { html, type Markup } from '../../reporters/html/markup';
import type { InspectedProcess, MemoryKind } from '../inspection';
import { size } from '../text';

const KINDS: Readonly<Record<MemoryKind, string>> = {
  code: 'program code',
  file: 'data of files',
  heap: 'heap',
  anonymous: 'anonymous memory',
  shared: 'shared memory',
  stack: 'stack',
  kernel: 'pages of the kernel',
};
const MEMORY_KINDS = ['code', 'file', 'heap', 'anonymous', 'shared', 'stack', 'kernel'] as const;
/** Minimum width of an area, percent of the bar. A narrower area would not be visible. */
const MIN_WIDTH = 0.15;

/**
 * Draws the memory of a process.
 *
 * @param largest memory size of the largest process, bytes, which determines the scale of all bars
 */
export function memoryMap({ memoryAreas, memoryBytes }: InspectedProcess, largest: number): Markup {
  const bars: Markup[] = [];
  let x = 0;
  for (const { kind, start, dumpedBytes } of memoryAreas) {
    const width = (100 * dumpedBytes) / Math.max(1, largest);
    if (width > 0)
      bars.push(
        html`<rect class="kind-${kind}" x="${x.toFixed(3)}%" y="0" width="${Math.max(width, MIN_WIDTH).toFixed(3)}%" height="28"><title>${KINDS[kind]} at ${start}: ${size(dumpedBytes)}</title></rect>`,
      );
    x += width;
  }
  const sums = MEMORY_KINDS.map((kind) => {
    const areas = memoryAreas.filter((area) => area.kind === kind);
    const total = (key: 'bytes' | 'dumpedBytes') => areas.reduce((sum, area) => sum + area[key], 0);
    return { kind, areas: areas.length, mapped: total('bytes'), dumped: total('dumpedBytes') };
  }).filter(({ areas }) => areas > 0);
  const rows = sums.map(
    ({ kind, areas, mapped, dumped }) =>
      html`<tr><th scope="row"><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="kind-${kind}" width="10" height="10"/></svg>${KINDS[kind]}</th><td class="number">${areas}</td><td class="number">${size(mapped)}</td><td class="number">${size(dumped)}</td></tr>`,
  );
  return html`<svg height="28" role="img" aria-label="${size(memoryBytes)} of memory by address"><rect class="track" width="100%" height="28"/>${bars}</svg>
<table><thead><tr><th scope="col">memory</th><th scope="col" class="number">areas</th><th scope="col" class="number">mapped</th><th scope="col" class="number">in the archive</th></tr></thead><tbody>${rows}</tbody></table>`;
}
