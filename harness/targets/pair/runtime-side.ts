// The runtime's half of a target: where it is, and what can be done with it beyond CRI.
import type { RuntimeHold } from '../subject/kubelet-node';
import { NO_ADMIN, type RuntimeAdmin } from '../subject/own-runtime';

export interface RuntimeSide {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  readonly hold: RuntimeHold;
  readonly admin: RuntimeAdmin;
  /** Ends what stands behind the endpoint, if that is ours. */
  close(): Promise<void>;
}

/** A runtime that is only called. */
export const foreignRuntime = (runtimeEndpoint: string, imageEndpoint: string): RuntimeSide => ({
  runtimeEndpoint,
  imageEndpoint,
  hold: {
    watch: async () => ({ callsSoFar: () => [], end: async () => [] }),
    during: (fault, action) =>
      fault === 'refuses' ? action() : Promise.reject(new Error('a real runtime cannot be told to fail')),
  },
  admin: NO_ADMIN,
  close: async () => {},
});
