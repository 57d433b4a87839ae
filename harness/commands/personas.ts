// `ckptest personas`: lists every named deviation of the fakes, as text or JSON.
import { allDeviations } from '../../fakes/deviations/catalogue';
import type { Deviation } from '../../fakes/deviations/deviation';
import { kubeletPersonas } from '../../fakes/deviations/personas/kubelet-personas';

/** The groups in their order, each with the flags that accept its names. */
const GROUPS: readonly (readonly [title: string, has: (one: Deviation) => boolean])[] = [
  [
    'Runtimes (run --persona NAME, serve --persona NAME)',
    (one) => one.kind === 'persona' && !kubeletPersonas.includes(one),
  ],
  ['Kubelets (run --persona NAME, serve --kubelet-persona NAME)', (one) => kubeletPersonas.includes(one)],
  ['Single defects of real runtimes (--persona NAME or --persona RUNTIME+NAME)', ({ kind }) => kind === 'finding'],
  ['Variants: allowed, no rule fails (run --variant NAME)', ({ kind }) => kind === 'variant'],
  ['Mutants: each breaks a rule (run --mutant NAME)', ({ kind }) => kind === 'mutant'],
];

/** Prints the personas, variants and mutants with their summaries. */
export function listPersonas(output: 'text' | 'json', out: NodeJS.WritableStream): void {
  if (output === 'json') {
    const rows = allDeviations.map(({ name, kind, summary }) => ({ name, kind, summary }));
    out.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const groups = GROUPS.map(([title, has]) => {
    const rows = allDeviations.filter(has).map(({ name, summary }) => `  ${name}\n      ${summary}\n`);
    return `${title}\n${rows.join('')}`;
  });
  out.write(groups.join('\n'));
}
