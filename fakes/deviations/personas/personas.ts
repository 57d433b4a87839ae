// Personas by name: a known kubelet or runtime, or a single finding. Findings can be added with `+`.
import { UserError } from '../../base/user-error';
import { combine } from '../apply';
import type { Deviation } from '../deviation';
import { findings } from './findings';
import { kubeletPersonas } from './kubelet-personas';
import { runtimePersonas } from './runtime-personas';

export const personas: readonly Deviation[] = [...runtimePersonas, ...kubeletPersonas];

const named = (list: readonly Deviation[], name: string) => list.find((candidate) => candidate.name === name);

const namesOf = (list: readonly Deviation[]) => list.map(({ name }) => name).join(', ');

/**
 * Returns the persona with a name such as `containerd-2.1`, `cri-o-1.37+disabled`, `frozen-after-deadline` or
 * `reference+mode-kept+tail-kept`.
 * @param flag the flag that the name was given to, for the error message
 * @throws UserError that lists the existing names
 */
export function persona(name: string, flag = '--persona'): Deviation {
  const fail = (part: string) =>
    new UserError(
      `${flag} ${name}: there is no persona ${part}; known are ${namesOf(personas)}, and after a + also ${namesOf(findings)}`,
    );
  const [first = '', ...suffixes] = name.split('+');
  let base = named(personas, first) ?? named(findings, first);
  if (!base) throw fail(first);
  const added: Deviation[] = [];
  for (const suffix of suffixes) {
    const special = named(personas, `${base.name}+${suffix}`);
    const finding = named(findings, suffix);
    if (special) base = special;
    else if (finding) added.push(finding);
    else throw fail(`${base.name}+${suffix}`);
  }
  if (added.length === 0) return base;
  const all = [base, ...added];
  return {
    name,
    kind: 'persona',
    summary: all.map(({ summary }) => summary).join('; '),
    effects: (runtime) => combine(all.map((one) => one.effects(runtime))),
  };
}
