// Puts deviations around the fakes: several into one, and one around the options of a runtime or a kubelet.

import { chain, type Wrapper } from '../base/chain';
import { type Clock, systemClock } from '../base/clock';
import type { FakeKubeletOptions } from '../kubelet/server';
import type { FakeRuntimeOptions } from '../runtime/server';
import type { Effects } from './deviation';

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** One wrapper for several, the first one outermost; undefined for none. */
function wrapped<In, Out>(wrappers: readonly (Wrapper<In, Out> | undefined)[]): Wrapper<In, Out> | undefined {
  const there = wrappers.filter(present);
  if (there.length === 0) return undefined;
  return (input, next) => chain(there, next)(input);
}

/** Several deviations as one, the first one outermost; of what they set, the first one's word counts. */
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
 * A runtime's options with deviations: at the CRI wire inside of the wrappers that are there, at the archive wire around
 * them, so that what is wrong with the disk is wrong for every persona.
 */
export function applyToRuntime(options: FakeRuntimeOptions, effects: Effects): FakeRuntimeOptions {
  const changed = effects.runtime?.(options) ?? options;
  return {
    ...changed,
    cri: [...(options.cri ?? []), effects.runtimeCri].filter(present),
    archive: [effects.archive, ...(options.archive ?? [])].filter(present),
  };
}

/** A kubelet's options with deviations inside of the wrappers that are there. */
export function applyToKubelet(options: FakeKubeletOptions, effects: Effects): FakeKubeletOptions {
  const changed = effects.kubelet?.(options) ?? options;
  return {
    ...changed,
    http: [...(changed.http ?? []), effects.http].filter(present),
    cri: [...(changed.cri ?? []), effects.kubeletCri].filter(present),
  };
}

/** Bends that tell the time by the clock of the runtime which they are put around. */
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
