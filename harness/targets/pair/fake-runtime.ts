// A fake runtime as half of a target, with faults that last as long as one action of a spec.

import { applyToRuntime } from '../../../fakes/deviations/apply';
import type { Effects } from '../../../fakes/deviations/deviation';
import { type FakeRuntimeOptions, type RuntimeServer, startRuntimeServer } from '../../../fakes/runtime/server';
import { FaultSwitch, holdOn } from '../subject/fault-switch';
import type { RuntimeSide } from './runtime-side';

export interface FakeRuntimeSide extends RuntimeSide {
  readonly runtime: RuntimeServer;
}

/** What faults need to be put around. */
export type FaultWrappers = Pick<Effects, 'runtimeCri' | 'archive'>;

/** `bend` is what deviations make of its options; it says where the faults stand among them. */
export async function startFakeRuntimeSide(
  image: string,
  effects: (options: FakeRuntimeOptions, faults: FaultWrappers) => FakeRuntimeOptions = applyToRuntime,
): Promise<FakeRuntimeSide> {
  const faults = new FaultSwitch();
  const runtime = await startRuntimeServer(
    effects({ images: [image] }, { runtimeCri: faults.wrapper, archive: faults.archive }),
  );
  const hold = holdOn(faults, () => runtime.calls);
  return {
    runtime,
    runtimeEndpoint: runtime.endpoint,
    imageEndpoint: runtime.endpoint,
    hold,
    admin: {
      refusing: (action) => hold.during('refuses', action),
      slowly: (milliseconds, action) => faults.slowly(milliseconds, action),
      restart: () => runtime.control.restart(),
    },
    close: () => runtime.close(),
  };
}
