// The table of what covers what: each sentence of the documentation, and each rule that goes beyond it.

import { LEVELS, type Spec } from '../subject/spec';
import { CIRCUMSTANCES } from './circumstances';
import { FINDINGS } from './findings';
import { SENTENCES } from './sentences';
import { FINDINGS_DOCUMENT } from './sources';

const HEAD = `# The catalogue

Made by \`npm run specs:catalogue\`; a test holds it to the code. A rule is a file's entry with an id, its source, what it
needs of a target, the mutants that must turn it red, and a check. Levels: **documented**, the Kubelet Checkpoint API
page says so; **contract**, the CRI API or its KEP says so; **observed**, real kubelets do so and no text says it;
**hardening**, nothing says so, yet users are harmed where it fails.
`;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
const idsOf = (specs: readonly Spec[]) => specs.map(({ id }) => `\`${id}\``).join('<br>');

/** Every sentence with the specs that name it as their source, and what is beside them. */
function sentenceRows(specs: readonly Spec[]): string[] {
  return Object.entries(SENTENCES).map(([id, { says, beside = '' }]) =>
    row(id, cell(says), idsOf(specs.filter(({ source }) => source.id === id)), cell(beside)),
  );
}

/** Every circumstance with the specs that bring it about. */
function circumstanceRows(): string[] {
  return Object.entries(CIRCUMSTANCES).map(([id, { says, specs, beside = '' }]) =>
    row(id, cell(says), specs.map((spec) => `\`${spec}\``).join('<br>'), cell(beside)),
  );
}

/** Every finding with the specs that name it, and where it was seen. */
function findingRows(specs: readonly Spec[]): string[] {
  return Object.entries(FINDINGS).map(([id, { says, on }]) =>
    row(
      id,
      cell(says),
      idsOf(specs.filter(({ source }) => source.document === FINDINGS_DOCUMENT && source.id === id)),
      on.join(', ') || 'on none of those measured',
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

/** The README of this room, in Markdown. */
export function coverageTable(specs: readonly Spec[]): string {
  const counts = LEVELS.map((level) => `${specs.filter((spec) => spec.level === level).length} ${level}`).join(', ');
  return [
    HEAD,
    `${specs.length} specs: ${counts}.`,
    '',
    '## The documentation, sentence by sentence',
    '',
    row('id', 'sentence, in short', 'specs', 'beside them'),
    row('---', '---', '---', '---'),
    ...sentenceRows(specs),
    '',
    '## Runtimes, circumstance by circumstance',
    '',
    row('id', 'circumstance', 'specs', 'beside them'),
    row('---', '---', '---', '---'),
    ...circumstanceRows(),
    '',
    '## Findings on real runtimes',
    '',
    row('id', 'finding', 'specs', 'seen on'),
    row('---', '---', '---', '---'),
    ...findingRows(specs),
    '',
    '## The specs',
    '',
    row('id', 'rule', 'level', 'source', 'mutants'),
    row('---', '---', '---', '---', '---'),
    ...specRows(specs),
    '',
  ].join('\n');
}
