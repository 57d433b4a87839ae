// Makes the control interface of a runtime without a kubelet.

import { UserError } from '../base/user-error';
import type { RuntimeServer } from '../runtime/server';
import type { Controlled } from './control/controlled';

function noKubelet(): never {
  throw new UserError('this fake has no kubelet: create pods with CRI calls, or serve both fakes');
}

/** The parts of the runtime that the control interface needs. */
export interface RuntimeAlone extends Pick<Controlled, 'clock' | 'faults'>, RuntimeServer {
  readonly persona: string;
  reset(): void;
}

/** Returns the control interface of a runtime without a kubelet. */
export function controlledRuntime(runtime: RuntimeAlone): Controlled {
  return {
    clock: runtime.clock,
    faults: runtime.faults,
    calls: () => runtime.calls,
    requests: () => [],
    state: () => ({
      persona: runtime.persona,
      runtime: { endpoint: runtime.endpoint, ...runtime.control.state() },
    }),
    setCheckpointTime: (ms) => runtime.control.setCheckpointTime(ms),
    addCheckpointImage: (image) => runtime.control.addCheckpointImage(image),
    reset: async () => runtime.reset(),
    addPod: async () => noKubelet(),
    removePod: async () => noKubelet(),
  };
}
