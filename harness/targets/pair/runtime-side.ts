// The runtime's half of a target: where it is, and what can be done with it beyond CRI.
import { NO_ADMIN, type RuntimeAdmin } from '../subject/runtime-admin';

export interface RuntimeSide {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  readonly admin: RuntimeAdmin;
  /** Ends what stands behind the endpoint, if that is ours. */
  close(): Promise<void>;
}

/** A runtime that is only called. */
export const foreignRuntime = (runtimeEndpoint: string, imageEndpoint: string): RuntimeSide => ({
  runtimeEndpoint,
  imageEndpoint,
  admin: NO_ADMIN,
  close: async () => {},
});
