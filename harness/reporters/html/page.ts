// Makes the report as a single HTML page that contains its script and style and loads nothing else.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Report } from '../../report/results';
import { toneOf } from '../labels';
import { filters } from './filters';
import { html, Markup } from './markup';
import { matrix } from './matrix';
import { attention, resultList } from './result-list';
import { runFacts, targetFacts } from './target';
import { banner } from './verdict';

/** The style sheets, in their order: later ones override earlier ones. */
const STYLES = ['colours', 'page', 'filters', 'evidence', 'narrow', 'print'] as const;

const asset = (name: string) => fs.readFileSync(path.join(__dirname, name), 'utf8');

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The colors of the page's icon, a dot, by verdict. Without an icon, browsers would request /favicon.ico. */
const ICON_COLOURS = { good: '1a7f4b', bad: 'c62f3b', unsure: '8a5a00' } as const;

function policy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Returns the report as an HTML document. */
export function htmlPage(report: Report): string {
  const style = STYLES.map((name) => asset(`${name}.css`)).join('');
  const script = asset('report.js');
  const icon = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='%23${ICON_COLOURS[toneOf(report.verdict)]}'/></svg>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>ckptest: ${report.verdict.headline}</title>
<link rel="icon" href="${icon}">
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#results">Skip to the results</a>
<header>${banner(report)}</header>
<main>
${attention(report)}
${targetFacts(report)}
<section aria-labelledby="matrix-title">
<h2 id="matrix-title">Groups by level</h2>
${matrix(report)}
</section>
<div class="columns">
${filters(report)}
${resultList(report)}
</div>
${runFacts(report)}
</main>
<script>${new Markup(script)}</script>
</body>
</html>
`.text;
}
