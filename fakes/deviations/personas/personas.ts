// Finds personas by name: a known kubelet or runtime, or a single finding. Findings can be added with `+`.
import { nearest } from '../../base/nearest';
import { UserError } from '../../base/user-error';
import { combine } from '../apply';
import type { Deviation } from '../deviation';
import { findings } from './findings';
import { kubeletPersonas } from './kubelet-personas';
import { runtimePersonas } from './runtime-personas';

export const personas: readonly Deviation[] = [...runtimePersonas, ...kubeletPersonas];

const named = (list: readonly Deviation[], name: string) => list.find((candidate) => candidate.name === name);

/** The fake to which a persona applies. The reference persona applies to both. */
export type PersonaOf = 'runtime' | 'kubelet' | 'either';

const FLAG_OF = { runtime: '--persona', kubelet: '--kubelet-persona' } as const;

const ofRuntimes: readonly Deviation[] = [...runtimePersonas, ...findings];

/** Returns the personas that a fake accepts, and the findings that can be added to them. */
const choicesFor = (whose: PersonaOf): readonly Deviation[] => {
  if (whose === 'either') return [...personas, ...findings];
  return whose === 'runtime'
    ? ofRuntimes
    : [...kubeletPersonas, ...runtimePersonas.filter(({ name }) => name === 'reference')];
};

/** Returns the error for a persona that does not exist or that applies to the other fake. */
function unknownPersona(flag: string, given: string, part: string, whose: PersonaOf): UserError {
  const other = whose === 'runtime' ? 'kubelet' : 'runtime';
  if (whose !== 'either' && named(choicesFor(other), part))
    return new UserError(
      `${flag} ${given}: this is a persona of a ${other}, and the fake here is a ${whose}; in ckptest serve, give it to ${FLAG_OF[other]}`,
    );
  const [base = ''] = part.split('+');
  const added = part.includes('+') && whose !== 'kubelet' ? findings.map(({ name }) => `${base}+${name}`) : [];
  const near = nearest(part, [...choicesFor(whose).map(({ name }) => name), ...added]);
  return new UserError(
    `${flag} ${given}: there is no persona ${part}; the nearest are ${near.join(', ')}; ckptest personas lists them all`,
  );
}

/**
 * Returns the persona with a name such as `containerd-2.1`, `cri-o-1.37+disabled`, `frozen-after-deadline` or
 * `reference+mode-kept+tail-kept`.
 * @param flag the flag with this name as its value, for the error message
 * @param whose the fake to which the persona is applied
 * @throws UserError that suggests the most similar names of personas for that fake
 */
export function persona(name: string, flag = '--persona', whose: PersonaOf = 'either'): Deviation {
  const fail = (part: string) => unknownPersona(flag, name, part, whose);
  const [first = '', ...suffixes] = name.split('+');
  let base = named(choicesFor(whose), first);
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
