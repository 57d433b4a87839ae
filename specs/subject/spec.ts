// What a spec is: one rule, where it is written, what it needs of a target, which mutants break it, and how to see it.
import type { Need, Subject } from './subject';

/** Who says so: the documentation, the CRI API or its KEP, real kubelets without a text, or the users who are harmed. */
export const LEVELS = ['documented', 'contract', 'observed', 'hardening'] as const;
export type Level = (typeof LEVELS)[number];

export type Strength = 'must' | 'should';

/** Where a rule comes from. */
export interface Source {
  readonly document: string;
  /** A sentence (D1 to D30), a finding, or a call of the API. */
  readonly id: string;
  readonly link: string;
}

export interface Spec {
  /** Path of slugs, never a position. */
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly strength: Strength;
  readonly source: Source;
  /** First Kubernetes minor that the rule holds for; 1.25 where it is not given. */
  readonly since?: string;
  readonly needs: readonly Need[];
  /** Deviations that break this rule, each with the label of the expectation that must notice. */
  readonly mutants: Readonly<Record<string, string>>;
  /** Set where faithful kubelets break the rule: why, in a sentence. */
  readonly deviates?: string;
  /** Returns when the rule holds; throws a Violation when it does not, Unsupported when the target cannot tell. */
  check(subject: Subject): Promise<void>;
}

/** What the specs of one file have in common. */
interface GroupDefaults {
  readonly level: Level;
  readonly strength?: Strength;
  readonly needs: readonly Need[];
}

type GroupMember = Omit<Spec, 'level' | 'strength' | 'needs'> & {
  readonly level?: Level;
  readonly strength?: Strength;
  /** Beyond what the group needs. */
  readonly needs?: readonly Need[];
};

/** The specs of one rule group: ids get the group's path in front, needs add up. */
export function group(path: string, defaults: GroupDefaults, members: readonly GroupMember[]): readonly Spec[] {
  return members.map((member) => ({
    ...member,
    id: `${path}/${member.id}`,
    level: member.level ?? defaults.level,
    strength: member.strength ?? defaults.strength ?? 'must',
    needs: [...defaults.needs, ...(member.needs ?? [])],
  }));
}
