// Makes the catalogue page: sentences, circumstances and findings with the specs that cover them, and all rules.

import { LEVELS, type Spec } from '../subject/spec';
import { CIRCUMSTANCES } from './circumstances';
import { FINDINGS, rulesOfFinding } from './findings';
import { HARMS, type Harm, harmOf } from './harms';
import { SENTENCES } from './sentences';

const HEAD = `# The catalogue

Made by \`npm run specs:catalogue\`; a test checks that it is up to date. A rule has an id, a source, the capabilities
that it needs of a target, the mutants on which it must fail, and a check. The level says what a rule is based on:
**documented**: the Kubelet Checkpoint API page; **contract**: the CRI API or its KEP; **observed**: the behavior of real
kubelets or runtimes, which no text states; **hardening**: no text, but users are harmed if the rule is broken.
`;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
/** An anchor, because links lead to this row. */
const anchored = (anchor: string, text: string) => `<a id="${anchor}"></a>${text}`;
const idsOf = (specs: readonly Spec[]) => specs.map(({ id }) => `\`${id}\``).join('<br>');

/** Makes a row for each sentence of the documentation, with the specs based on it and remarks. */
function sentenceRows(specs: readonly Spec[]): string[] {
  return Object.entries(SENTENCES).map(([id, { says, beside = '' }]) =>
    row(id, cell(says), idsOf(specs.filter(({ source }) => source.id === id)), cell(beside)),
  );
}

/** Makes a row for each circumstance, with the specs that create it and remarks. */
function circumstanceRows(): string[] {
  return Object.entries(CIRCUMSTANCES).map(([id, { says, specs, beside = '' }]) =>
    row(anchored(`circumstance-${id}`, id), cell(says), specs.map((spec) => `\`${spec}\``).join('<br>'), cell(beside)),
  );
}

/** Makes a row for each finding, with the specs based on it and the runtimes that showed it. */
function findingRows(specs: readonly Spec[]): string[] {
  return Object.entries(FINDINGS).map(([id, { says, on }]) =>
    row(id, cell(says), idsOf(rulesOfFinding(id, specs)), on.join(', ') || 'no measured runtime'),
  );
}

/** Makes a row for each harm, with the hardening rules that prevent it. */
function harmRows(specs: readonly Spec[]): string[] {
  return (Object.keys(HARMS) as Harm[]).map((harm) =>
    row(
      anchored(`harm-${harm}`, harm),
      HARMS[harm],
      specs
        .filter(({ id }) => harmOf(id) === harm)
        .map(({ id, title }) => `\`${id}\`: ${cell(title)}`)
        .join('<br>'),
    ),
  );
}

function specRows(specs: readonly Spec[]): string[] {
  return specs.map(({ id, title, level, strength, source, mutants, deviates }) =>
    row(
      `\`${id}\``,
      cell(title) + (deviates === undefined ? '' : ` *Deviates: ${cell(deviates)}*`),
      `${level} ${strength}`,
      source.id,
      Object.keys(mutants)
        .map((name) => `\`${name}\``)
        .join('<br>'),
    ),
  );
}

/** Returns the catalogue page, in Markdown. */
export function coverageTable(specs: readonly Spec[]): string {
  const counts = LEVELS.map((level) => `${specs.filter((spec) => spec.level === level).length} ${level}`).join(', ');
  return [
    HEAD,
    `${specs.length} specs: ${counts}.`,
    '',
    '## The documentation, sentence by sentence',
    '',
    row('id', 'sentence, in short', 'specs', 'remarks'),
    row('---', '---', '---', '---'),
    ...sentenceRows(specs),
    '',
    '## Runtimes, circumstance by circumstance',
    '',
    row('id', 'circumstance', 'specs', 'remarks'),
    row('---', '---', '---', '---'),
    ...circumstanceRows(),
    '',
    '## Findings on real runtimes',
    '',
    row('id', 'finding', 'specs', 'seen on'),
    row('---', '---', '---', '---'),
    ...findingRows(specs),
    '',
    '## What users lose',
    '',
    'No text states the rules of level hardening. Users are harmed if they are broken:',
    '',
    row('id', 'harm', 'rules that prevent it'),
    row('---', '---', '---'),
    ...harmRows(specs),
    '',
    '## The specs',
    '',
    row('id', 'rule', 'level', 'source', 'mutants'),
    row('---', '---', '---', '---', '---'),
    ...specRows(specs),
    '',
  ].join('\n');
}
