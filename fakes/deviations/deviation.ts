// Defines named deviations: changed options, or interceptors at one of the three boundaries. The code of the fakes
// itself does not refer to deviations.

import type { ArchiveWrapper } from '../archive/job';
import type { CriWrapper } from '../base/cri-call';
import type { HttpWrapper } from '../go/net-http/exchange';
import type { FakeKubeletOptions } from '../kubelet/server';
import type { RuntimeControl } from '../runtime/control';
import type { FakeRuntimeOptions } from '../runtime/server';

/**
 * The interceptors and option changes of a deviation. They are created again for every pair of fakes, so that pairs
 * share no state.
 */
export interface Effects {
  /** Intercepts HTTP requests to the kubelet and its responses. */
  readonly http?: HttpWrapper;
  /** Intercepts the kubelet's outgoing CRI calls. */
  readonly kubeletCri?: CriWrapper;
  /** Intercepts the runtime's incoming CRI calls. */
  readonly runtimeCri?: CriWrapper;
  readonly archive?: ArchiveWrapper;
  readonly kubelet?: (options: FakeKubeletOptions) => FakeKubeletOptions;
  readonly runtime?: (options: FakeRuntimeOptions) => FakeRuntimeOptions;
  /** Called after the runtime has restarted, before clients can connect. */
  readonly restarted?: () => Promise<void>;
}

/**
 * A mutant breaks a rule, and the specs that name the mutant fail. A variant does something that the standard allows,
 * and no spec fails. A persona makes a fake behave like a known kubelet or runtime. A finding is a defect that was
 * measured in real runtimes. Personas contain findings, and each finding can also be used alone.
 */
export type DeviationKind = 'mutant' | 'variant' | 'persona' | 'finding';

export interface Deviation {
  readonly name: string;
  readonly kind: DeviationKind;
  readonly summary: string;
  /**
   * Returns the effects.
   * @param runtime returns the control interface of the runtime; call it only after the runtime has started
   */
  effects(runtime: () => RuntimeControl): Effects;
}

/** Deviations of one kind: their summary and effects, by name. */
export type DeviationTable = Readonly<Record<string, readonly [summary: string, effects: Deviation['effects']]>>;

/** Converts a table to a list of deviations of one kind. */
export function deviations(kind: DeviationKind, table: DeviationTable): readonly Deviation[] {
  return Object.entries(table).map(([name, [summary, effects]]) => ({ name, kind, summary, effects }));
}
