// The types of a spec: a rule with its source, the capabilities it needs, the mutants that break it, and its check.
import type { Need, Subject } from './subject';

/**
 * What a rule is based on. `documented`: the Kubelet Checkpoint API page. `contract`: the CRI API or its KEP. `observed`:
 * the behavior of real kubelets or runtimes, which no text states. `hardening`: users are harmed if the rule is broken.
 */
export const LEVELS = ['documented', 'contract', 'observed', 'hardening'] as const;
export type Level = (typeof LEVELS)[number];

export type Strength = 'must' | 'should';

/** Where a rule comes from. */
export interface Source {
  readonly document: string;
  /** A sentence of the documentation (D1 to D30), a finding, a recording, or a call of the CRI API. */
  readonly id: string;
  readonly link: string;
}

export interface Spec {
  /**
   * A path of slugs, such as `kubelet/gate/disabled-is-404`. The id never changes and does not depend on the order of
   * specs.
   */
  readonly id: string;
  /** The rule in one sentence, without a period at the end. */
  readonly title: string;
  readonly level: Level;
  readonly strength: Strength;
  readonly source: Source;
  /** The first Kubernetes minor version that the rule applies to. Default: 1.25. */
  readonly since?: string;
  readonly needs: readonly Need[];
  /** The mutants that break this rule, each with the label of the expectation that must fail on it. */
  readonly mutants: Readonly<Record<string, string>>;
  /**
   * `alone`: this spec measures time or leftovers, so no other spec runs until this spec has ended or only waits.
   * `last`: this spec checks the whole run, so it runs after all others. Default: other specs may run at the same time.
   */
  readonly when?: 'alone' | 'last';
  /** Why real kubelets break the rule, in one sentence; undefined if they follow the rule. */
  readonly deviates?: string;
  /**
   * Checks the rule.
   *
   * @throws Violation if the rule is broken
   * @throws Unsupported if the rule cannot be tested on this target
   */
  check(subject: Subject): Promise<void>;
}

/** Fields that the specs of a group share. */
interface GroupDefaults {
  readonly level: Level;
  readonly strength?: Strength;
  readonly needs: readonly Need[];
}

type GroupMember = Omit<Spec, 'level' | 'strength' | 'needs'> & {
  readonly level?: Level;
  readonly strength?: Strength;
  /** Added to the needs of the group. */
  readonly needs?: readonly Need[];
};

/**
 * Makes the specs of one group.
 *
 * @param path beginning of the ids of these specs, such as `kubelet/gate`
 * @param defaults fields for specs that do not set these fields themselves
 */
export function group(path: string, defaults: GroupDefaults, members: readonly GroupMember[]): readonly Spec[] {
  return members.map((member) => ({
    ...member,
    id: `${path}/${member.id}`,
    level: member.level ?? defaults.level,
    strength: member.strength ?? defaults.strength ?? 'must',
    needs: [...defaults.needs, ...(member.needs ?? [])],
  }));
}
