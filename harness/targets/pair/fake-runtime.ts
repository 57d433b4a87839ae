// A fake runtime as half of a target, with faults that last as long as one action of a spec.

import { bendRuntime } from '../../../fakes/deviations/apply';
import type { Bends } from '../../../fakes/deviations/deviation';
import { type FakeRuntime, type FakeRuntimeOptions, startFakeRuntime } from '../../../fakes/runtime/server';
import { FaultSwitch, holdOn } from '../subject/fault-switch';
import type { RuntimeSide } from './runtime-side';

export interface FakeRuntimeSide extends RuntimeSide {
  readonly runtime: FakeRuntime;
}

/** What faults need to be put around. */
export type FaultWrappers = Pick<Bends, 'answers' | 'archive'>;

/** `bend` is what deviations make of its options; it says where the faults stand among them. */
export async function startFakeRuntimeSide(
  image: string,
  bend: (options: FakeRuntimeOptions, faults: FaultWrappers) => FakeRuntimeOptions = bendRuntime,
): Promise<FakeRuntimeSide> {
  const faults = new FaultSwitch();
  const runtime = await startFakeRuntime(
    bend({ images: [image] }, { answers: faults.wrapper, archive: faults.archive }),
  );
  const hold = holdOn(faults, () => runtime.calls);
  return {
    runtime,
    runtimeEndpoint: runtime.endpoint,
    imageEndpoint: runtime.endpoint,
    hold,
    means: {
      refusing: (action) => hold.during('refuses', action),
      slowly: (milliseconds, action) => faults.slowly(milliseconds, action),
      restart: () => runtime.control.restart(),
    },
    close: () => runtime.close(),
  };
}
