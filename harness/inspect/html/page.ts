// Makes an inspection as a single HTML page that loads nothing and has no script. The page shows no memory contents and
// no values of variables.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { html, Markup } from '../../reporters/html/markup';
import { SEVERITIES } from '../findings';
import type { InspectedFile, InspectedProcess, Inspection } from '../inspection';
import { countLine, size } from '../text';
import { memoryMap } from './memory-map';

const FACTS: readonly (readonly [key: keyof Inspection['container'], title: string])[] = [
  ['name', 'container'],
  ['podName', 'pod'],
  ['podNamespace', 'namespace'],
  ['image', 'image'],
  ['runtime', 'OCI runtime'],
  ['createdAt', 'created'],
  ['checkpointedAt', 'checkpointed'],
  ['id', 'id'],
];
/** Maximum depth of a tree. Deeper processes are drawn beside their parents. */
const MAX_DEPTH = 64;

function facts({ container, engine, kind, sizes, compression }: Inspection): Markup {
  const rows = FACTS.flatMap(([key, title]) => {
    const value = container[key];
    return value === undefined ? [] : [html`<dt>${title}</dt><dd>${value}</dd>`];
  });
  return html`<dl><dt>kind</dt><dd>${kind}${compression === undefined ? '' : `, compressed with ${compression}`}</dd>
<dt>written by</dt><dd>${engine}</dd>${rows}
<dt>size</dt><dd>${size(sizes.archive)} in ${sizes.members} members; memory ${size(sizes.memory)} in ${sizes.pages} pages, ${sizes.blankPages} of them blank; changed files ${size(sizes.rootFsDiff)}</dd></dl>`;
}

function findingList({ findings, findingCounts }: Inspection): Markup {
  const sorted = [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const items = sorted.map(
    ({ id, severity, sentence }) =>
      html`<li class="${severity}"><b>${severity}</b> ${sentence}<br><code class="soft">${id}</code></li>`,
  );
  return html`<section aria-label="Findings"><h2>Findings: ${countLine(findingCounts)}</h2><ul class="findings">${items}</ul></section>`;
}

/** Draws how long the container was frozen, and for which steps. All bars have the same scale. */
function timeline({ times }: Inspection): Markup | undefined {
  if (!times) return undefined;
  const { freezing, frozen, memoryDump, memoryWrite } = times;
  const total = Math.max(1, freezing + frozen, freezing + memoryDump + memoryWrite);
  const bars = [
    { what: 'freezing', className: 'freezing', from: 0, length: freezing },
    { what: 'frozen', className: 'frozen', from: freezing, length: frozen },
    { what: 'of that, collecting memory', className: 'memory', from: freezing, length: memoryDump },
    { what: 'of that, writing memory', className: 'memory', from: freezing + memoryDump, length: memoryWrite },
  ].map(
    ({ what, className, from, length }, i) =>
      html`<text x="0" y="${i * 44 + 14}">${what}: ${(length / 1000).toFixed(1)} ms</text><rect class="track" x="0" y="${i * 44 + 20}" width="100%" height="14"/><rect class="${className}" x="${((100 * from) / total).toFixed(3)}%" y="${i * 44 + 20}" width="${Math.max(0.2, (100 * length) / total).toFixed(3)}%" height="14"/>`,
  );
  return html`<section aria-label="Timeline"><h2>The container was frozen for ${(frozen / 1000).toFixed(1)} ms</h2>
<svg height="176" role="img" aria-label="freezing ${freezing} µs, frozen ${frozen} µs, memory collected in ${memoryDump} µs and written in ${memoryWrite} µs">${bars}</svg></section>`;
}

const fileRow = ({ fd, type, name, position, protocol, state, socket, peer }: InspectedFile): Markup =>
  html`<tr><td class="number">${fd}</td><td>${type}</td><td>${name}</td><td>${[position === undefined || position === '0' ? undefined : `at ${position}`, protocol, state, socket, peer === undefined ? undefined : `to ${peer}`].filter((part) => part !== undefined).join(' ')}</td></tr>`;

/** Draws processes as trees. Each process is drawn once. */
class Trees {
  readonly #drawn = new Set<InspectedProcess>();
  readonly #largest: number;

  constructor(readonly processes: readonly InspectedProcess[]) {
    this.#largest = processes.reduce((max, { memoryBytes }) => Math.max(max, memoryBytes), 1);
  }

  all(): Markup[] {
    const pids = new Set(this.processes.map(({ pid }) => pid));
    const roots = this.processes.filter(({ parentPid }) => !pids.has(parentPid));
    const trees = roots.map((root) => this.#tree(root, 0));
    // Also draw processes that are not below a root, because a tree may be broken.
    const rest = this.processes.flatMap((one) => (this.#drawn.has(one) ? [] : [this.#tree(one, MAX_DEPTH)]));
    return [...trees, ...rest];
  }

  #tree(process: InspectedProcess, depth: number): Markup {
    this.#drawn.add(process);
    const { pid, name, threads, memoryBytes, environmentNames, openFiles } = process;
    const children = depth >= MAX_DEPTH ? [] : this.processes.filter(({ parentPid }) => parentPid === pid);
    const below = children.flatMap((child) => (this.#drawn.has(child) ? [] : [this.#tree(child, depth + 1)]));
    const more = threads.length > 1 ? `, ${threads.length} threads` : '';
    return html`<details class="process" open><summary>${'\u00a0\u00a0'.repeat(depth)}${depth > 0 ? '└ ' : ''}${pid} ${name}: ${size(memoryBytes)} of memory${more}</summary>
${process.executable === undefined ? undefined : html`<p class="names"><span class="soft">runs</span> ${process.executable} <span class="soft">in</span> ${process.workingDirectory ?? '/'}</p>`}
${memoryMap(process, this.#largest)}
${openFiles.length === 0 ? undefined : html`<table><thead><tr><th scope="col" class="number">fd</th><th scope="col">type</th><th scope="col">open file or socket</th><th scope="col"></th></tr></thead><tbody>${openFiles.map(fileRow)}</tbody></table>`}
${environmentNames.length === 0 ? undefined : html`<p class="names"><span class="soft">variables (names only):</span> ${environmentNames.join(' ')}</p>`}
${below}</details>`;
  }
}

function changes({ changes: { changed, deleted }, volumes, gpuImages, mounts }: Inspection): Markup {
  const named = (title: string, names: readonly string[]) =>
    names.length === 0
      ? undefined
      : html`<details open><summary>${title} (${names.length})</summary><ul class="names">${names.map((name) => html`<li>${name}</li>`)}</ul></details>`;
  return html`<section aria-label="Files"><h2>Files</h2>
${changed.length + deleted.length === 0 ? html`<p class="soft">Nothing differs from the image.</p>` : undefined}
${named('changed', changed)}${named('deleted', deleted)}
${named(
  'volumes',
  volumes.map(({ name, bytes }) => `${name}: ${size(bytes)}`),
)}
${named(
  'memory of GPUs',
  gpuImages.map(({ name, bytes }) => `${name}: ${size(bytes)}`),
)}
${named(
  'mounts',
  mounts.map(({ destination, type, source }) => `${destination} ${type} ${source}`),
)}</section>`;
}

function archive(inspection: Inspection): Markup {
  const { file, processes, containers } = inspection;
  const nested = containers.map(archive);
  const isCollection = containers.length > 0;
  return html`<div class="archive"><h1>${file}</h1>
${findingList(inspection)}
<section aria-label="Facts">${facts(inspection)}</section>
${isCollection ? undefined : timeline(inspection)}
${isCollection ? undefined : html`<section aria-label="Processes" class="processes"><h2>Processes (${processes.length})</h2>${new Trees(processes).all()}</section>${changes(inspection)}`}
${nested}</div>`;
}

/** Returns the page of an inspection as an HTML document. */
export function inspectionPage(inspection: Inspection): string {
  const style = fs.readFileSync(path.join(__dirname, 'page.css'), 'utf8');
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${inspection.container.name ?? inspection.file}: checkpoint</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
</head>
<body>
<main>${archive(inspection)}</main>
</body>
</html>
`.text;
}
