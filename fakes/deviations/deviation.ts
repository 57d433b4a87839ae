// A named deviation: data, or a wrapper at one of the three wires. Domain code knows of none.

import type { ArchiveWrapper } from '../archive/job';
import type { CriWrapper } from '../base/cri-call';
import type { HttpWrapper } from '../go/net-http/exchange';
import type { FakeKubeletOptions } from '../kubelet/server';
import type { RuntimeControl } from '../runtime/control';
import type { FakeRuntimeOptions } from '../runtime/server';

/** What a deviation puts where; made anew for every pair of fakes, so that none share state. */
export interface Effects {
  /** Around the kubelet's answers. */
  readonly http?: HttpWrapper;
  /** Around what the kubelet asks of its runtime. */
  readonly kubeletCri?: CriWrapper;
  /** Around what the runtime answers. */
  readonly runtimeCri?: CriWrapper;
  readonly archive?: ArchiveWrapper;
  readonly kubelet?: (options: FakeKubeletOptions) => FakeKubeletOptions;
  readonly runtime?: (options: FakeRuntimeOptions) => FakeRuntimeOptions;
  /** After the runtime was restarted, before anybody is told. */
  readonly restarted?: () => Promise<void>;
}

/**
 * mutant: breaks a rule; the specs that name it turn red. variant: a liberty of the standard; every spec stays green.
 * persona: what makes a fake behave as a known kubelet or runtime. finding: one thing that was measured to be wrong in
 * runtimes in use; personas are made of them, and each works alone.
 */
export type DeviationKind = 'mutant' | 'variant' | 'persona' | 'finding';

export interface Deviation {
  readonly name: string;
  readonly kind: DeviationKind;
  readonly summary: string;
  /** `runtime` is the back door to the runtime, once it runs. */
  effects(runtime: () => RuntimeControl): Effects;
}

/** One table of deviations of one kind: name to summary and bends. */
export type DeviationTable = Readonly<Record<string, readonly [summary: string, effects: Deviation['effects']]>>;

export function deviations(kind: DeviationKind, table: DeviationTable): readonly Deviation[] {
  return Object.entries(table).map(([name, [summary, effects]]) => ({ name, kind, summary, effects }));
}
