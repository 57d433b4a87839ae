// Starts a fake runtime as the runtime of a target.
import { systemClock } from '../../../fakes/base/clock';
import { applyToRuntime } from '../../../fakes/deviations/apply';
import type { Effects } from '../../../fakes/deviations/deviation';
import { Faults } from '../../../fakes/faults/faults';
import { faultWrappers } from '../../../fakes/node/fault-wrappers';
import { type FakeRuntimeOptions, type RuntimeServer, startRuntimeServer } from '../../../fakes/runtime/server';
import { checkpointsAfter } from '../subject/runtime-admin';
import { TemporaryFaults } from '../subject/temporary-faults';
import type { RuntimeSide } from './runtime-side';

export interface FakeRuntimeSide extends RuntimeSide {
  readonly runtime: RuntimeServer;
}

/** The effects that carry out the faults of a spec. */
export type FaultEffects = Pick<Effects, 'runtimeCri' | 'archive'>;

/**
 * Starts a fake runtime that has the suite's image.
 *
 * @param changed returns the options of the runtime with deviations and with the effects of faults
 */
export async function startFakeRuntimeSide(
  image: string,
  changed: (options: FakeRuntimeOptions, faults: FaultEffects) => FakeRuntimeOptions = applyToRuntime,
): Promise<FakeRuntimeSide> {
  const faults = new Faults();
  const { cri, archive } = faultWrappers(faults, { clock: systemClock, control: () => runtime.control });
  const runtime: RuntimeServer = await startRuntimeServer(
    changed({ images: [image], kubeletSocket: true }, { runtimeCri: cri, archive }),
  );
  const temporary = new TemporaryFaults({
    rules: async () => faults.report.map(({ rule }) => rule),
    replace: async (rules) => faults.set(rules),
  });
  return {
    runtime,
    runtimeEndpoint: runtime.endpoint,
    imageEndpoint: runtime.endpoint,
    kubeletEndpoint: runtime.kubeletEndpoint,
    admin: {
      watch: async () => {
        const last = runtime.calls.at(-1)?.index ?? 0;
        const callsSoFar = () => checkpointsAfter(last, runtime.calls);
        return { callsSoFar, end: async () => callsSoFar() };
      },
      during: (fault, action) => temporary.during(fault, action),
      slowly: (milliseconds, action) => temporary.slowly(milliseconds, action),
      restart: () => runtime.control.restart(),
    },
    close: () => runtime.close(),
  };
}
