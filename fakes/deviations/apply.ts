// Puts deviations around the fakes: several into one, and one around the options of a runtime or a kubelet.

import { chain, type Wrapper } from '../base/chain';
import { type Clock, systemClock } from '../base/clock';
import type { FakeKubeletOptions } from '../kubelet/server';
import type { FakeRuntimeOptions } from '../runtime/server';
import type { Bends } from './deviation';

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** One wrapper for several, the first one outermost; undefined for none. */
function wrapped<In, Out>(wrappers: readonly (Wrapper<In, Out> | undefined)[]): Wrapper<In, Out> | undefined {
  const there = wrappers.filter(present);
  if (there.length === 0) return undefined;
  return (input, next) => chain(there, next)(input);
}

/** Several deviations as one, the first one outermost; of what they set, the first one's word counts. */
export function combine(bends: readonly Bends[]): Bends {
  const http = wrapped(bends.map((bend) => bend.http));
  const asks = wrapped(bends.map((bend) => bend.asks));
  const answers = wrapped(bends.map((bend) => bend.answers));
  const archive = wrapped(bends.map((bend) => bend.archive));
  return {
    ...(http && { http }),
    ...(asks && { asks }),
    ...(answers && { answers }),
    ...(archive && { archive }),
    restarted: async () => {
      for (const { restarted } of bends) await restarted?.();
    },
    kubelet: (options) => bends.reduceRight((sofar, { kubelet }) => kubelet?.(sofar) ?? sofar, options),
    runtime: (options) => bends.reduceRight((sofar, { runtime }) => runtime?.(sofar) ?? sofar, options),
  };
}

/**
 * A runtime's options with deviations: at the CRI wire inside of the wrappers that are there, at the archive wire around
 * them, so that what is wrong with the disk is wrong for every persona.
 */
export function bendRuntime(options: FakeRuntimeOptions, bends: Bends): FakeRuntimeOptions {
  const bent = bends.runtime?.(options) ?? options;
  return {
    ...bent,
    cri: [...(options.cri ?? []), bends.answers].filter(present),
    archive: [bends.archive, ...(options.archive ?? [])].filter(present),
  };
}

/** A kubelet's options with deviations inside of the wrappers that are there. */
export function bendKubelet(options: FakeKubeletOptions, bends: Bends): FakeKubeletOptions {
  const bent = bends.kubelet?.(options) ?? options;
  return {
    ...bent,
    http: [...(bent.http ?? []), bends.http].filter(present),
    cri: [...(bent.cri ?? []), bends.asks].filter(present),
  };
}

/** Bends that tell the time by the clock of the runtime which they are put around. */
export function clocked(make: (clock: () => Clock) => Bends): Bends {
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
