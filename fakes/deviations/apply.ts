// Applies deviations to the options of a fake runtime or kubelet, and combines several deviations into one.

import { chain, type Wrapper } from '../base/chain';
import { type Clock, systemClock } from '../base/clock';
import type { FakeKubeletOptions } from '../kubelet/server';
import type { FakeRuntimeOptions } from '../runtime/server';
import type { Effects } from './deviation';

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** Combines interceptors into one; the first one is outermost. Returns undefined if the list is empty. */
function wrapped<In, Out>(wrappers: readonly (Wrapper<In, Out> | undefined)[]): Wrapper<In, Out> | undefined {
  const defined = wrappers.filter(present);
  if (defined.length === 0) return undefined;
  return (input, next) => chain(defined, next)(input);
}

/** Combines several deviations into one. The first one is outermost, and its settings take precedence. */
export function combine(effects: readonly Effects[]): Effects {
  const http = wrapped(effects.map((effects) => effects.http));
  const kubeletCri = wrapped(effects.map((effects) => effects.kubeletCri));
  const runtimeCri = wrapped(effects.map((effects) => effects.runtimeCri));
  const archive = wrapped(effects.map((effects) => effects.archive));
  return {
    ...(http && { http }),
    ...(kubeletCri && { kubeletCri }),
    ...(runtimeCri && { runtimeCri }),
    ...(archive && { archive }),
    restarted: async () => {
      for (const { restarted } of effects) await restarted?.();
    },
    kubelet: (options) => effects.reduceRight((sofar, { kubelet }) => kubelet?.(sofar) ?? sofar, options),
    runtime: (options) => effects.reduceRight((sofar, { runtime }) => runtime?.(sofar) ?? sofar, options),
  };
}

/**
 * Returns a runtime's options with deviations. The deviations are applied inside the existing CRI interceptors and
 * outside the existing archive interceptors, so that a disk fault affects every persona.
 */
export function applyToRuntime(options: FakeRuntimeOptions, effects: Effects): FakeRuntimeOptions {
  const changed = effects.runtime?.(options) ?? options;
  return {
    ...changed,
    cri: [...(options.cri ?? []), effects.runtimeCri].filter(present),
    archive: [effects.archive, ...(options.archive ?? [])].filter(present),
  };
}

/** Returns a kubelet's options with deviations, applied inside the existing interceptors. */
export function applyToKubelet(options: FakeKubeletOptions, effects: Effects): FakeKubeletOptions {
  const changed = effects.kubelet?.(options) ?? options;
  return {
    ...changed,
    http: [...(changed.http ?? []), effects.http].filter(present),
    cri: [...(changed.cri ?? []), effects.kubeletCri].filter(present),
  };
}

/** Makes effects that use the clock of the runtime to which they are applied. */
export function clocked(make: (clock: () => Clock) => Effects): Effects {
  let clock: Clock = systemClock;
  const made = make(() => clock);
  return {
    ...made,
    runtime: (options) => {
      clock = options.clock ?? systemClock;
      return made.runtime?.(options) ?? options;
    },
  };
}
