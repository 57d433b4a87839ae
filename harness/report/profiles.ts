// Defines profiles, which determine the rules that a conformant target must follow.
import type { Need } from '../../specs/subject/subject';
import type { Result } from './results';

interface Profile {
  /** The description of a conformant target, as in "conformant as a runtime that checkpoints". */
  readonly title: string;
  /** First parts of the ids of the rules that decide conformance. */
  readonly groups: readonly string[];
  /** Capabilities that the target must have. */
  readonly requires: readonly Need[];
}

export const PROFILES = {
  kubelet: { title: 'a kubelet with the checkpoint endpoint', groups: ['kubelet'], requires: ['kubelet'] },
  runtime: {
    title: 'a runtime that checkpoints correctly, or refuses correctly',
    groups: ['runtime', 'archive'],
    requires: [],
  },
  'runtime-checkpoint': {
    title: 'a runtime that checkpoints',
    groups: ['runtime', 'archive'],
    requires: ['checkpoint'],
  },
  pair: { title: 'a kubelet with a runtime', groups: ['kubelet', 'runtime', 'archive'], requires: [] },
} as const satisfies Record<string, Profile>;
export type ProfileName = keyof typeof PROFILES;

export const profileOf = (name: ProfileName): Profile => PROFILES[name];

/** Rules of other levels are reported too, but never decide conformance. */
const REQUIRED_LEVELS = ['documented', 'contract'];

/** Returns whether a rule decides conformance with a profile. */
export const isRequired = (name: ProfileName, { id, level, strength }: Result): boolean =>
  profileOf(name).groups.includes(id.split('/')[0] ?? '') && REQUIRED_LEVELS.includes(level) && strength === 'must';
