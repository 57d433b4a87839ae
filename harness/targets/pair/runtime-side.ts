// Defines the runtime of a target: its endpoints and its admin interface.
import { NO_ADMIN, type RuntimeAdmin } from '../subject/runtime-admin';

export interface RuntimeSide {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  /**
   * The endpoint for kubelets of the suite, with the runtime service and the image service. Default: the two endpoints
   * above.
   */
  readonly kubeletEndpoint?: string;
  readonly admin: RuntimeAdmin;
  /** Stops the runtime if the suite started it. */
  close(): Promise<void>;
}

/** Returns a runtime of the user, which the suite can call but not observe or change. */
export const foreignRuntime = (runtimeEndpoint: string, imageEndpoint: string): RuntimeSide => ({
  runtimeEndpoint,
  imageEndpoint,
  admin: NO_ADMIN,
  close: async () => {},
});
