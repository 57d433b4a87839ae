// Settings of a fake runtime that change its data but not its behavior, with their defaults.
import { hostname } from 'node:os';
import type { CriMethod } from '../../../proto/load';

export interface RuntimeSettings {
  /** `runtime_name` and `runtime_version` in the response to Version. */
  readonly name: string;
  readonly version: string;
  /** Name of the OCI runtime behind a handler, in archives and verbose statuses. */
  readonly ociRuntime: string;
  readonly cgroupDriver: 'CGROUPFS' | 'SYSTEMD';
  /** Cgroup of containers whose sandbox names no parent. `{id}` is replaced by the container's id. */
  readonly defaultCgroup: string;
  /** Variables, in the form `NAME=value`, that the runtime sets in every container after the image's variables. */
  readonly environment: readonly string[];
  /** Whether image ids are reported to clients without the `sha256:` prefix. */
  readonly bareImageIds: boolean;
  /** Whether lists and statuses of images contain a `spec` with the annotations of the image. */
  readonly reportsImageAnnotations: boolean;
  /** Whether lists and statuses of containers contain image ids. */
  readonly reportsImageIds: boolean;
  /**
   * Log path, relative to the sandbox's log directory, of containers whose configuration has no log path. `{id}` is
   * replaced by the container's id. If this setting is empty, such containers have no log.
   */
  readonly defaultLogPath: string;
  /** Whether containers can be created in a stopped sandbox. They cannot be started there. */
  readonly stoppedSandboxesTakeContainers: boolean;
  /** Whether GetContainerEvents sends events. If not, its stream stays open and silent. */
  readonly sendsContainerEvents: boolean;
  /** The host name in containers that do not set their own. */
  readonly hostname: string;
  /** How long a checkpoint pauses a container, in milliseconds per MiB of its memory. */
  readonly checkpointMillisecondsPerMiB: number;
  /** The services that the runtime has. A call to another service fails with "unknown service". */
  readonly services: readonly ('RuntimeService' | 'ImageService')[];
  /** Calls that the runtime's version of the API does not have. They fail with `unknown method X for service S`. */
  readonly unknownMethods: readonly CriMethod[];
  /**
   * Calls that the runtime's version of the API has, but the runtime does not implement. They fail with `method X not
   * implemented`.
   */
  readonly unimplementedMethods: readonly CriMethod[];
  /** Maximum number of rows in the call log. Older rows are dropped. */
  readonly callLogLength: number;
}

/** The settings of the persona `reference`. No real runtime has this version. */
export const DEFAULT_SETTINGS: RuntimeSettings = {
  name: 'ckptest',
  version: '0.1.0',
  ociRuntime: 'io.containerd.runc.v2',
  cgroupDriver: 'CGROUPFS',
  defaultCgroup: '/k8s.io/{id}',
  environment: [],
  bareImageIds: false,
  reportsImageAnnotations: false,
  reportsImageIds: true,
  defaultLogPath: '',
  stoppedSandboxesTakeContainers: false,
  sendsContainerEvents: true,
  hostname: hostname(),
  checkpointMillisecondsPerMiB: 0,
  services: ['RuntimeService', 'ImageService'],
  unknownMethods: [],
  unimplementedMethods: [],
  callLogLength: 5_000,
};
