// What can be set about a fake runtime without changing what it does: data, with every default.
import { hostname } from 'node:os';
import type { CriMethod } from '../../../proto/load';

export interface RuntimeSettings {
  /** `runtime_name` and `runtime_version` of the answer to Version. */
  readonly name: string;
  readonly version: string;
  /** Name of the OCI runtime behind a handler, as archives and verbose answers have it. */
  readonly ociRuntime: string;
  readonly cgroupDriver: 'CGROUPFS' | 'SYSTEMD';
  /** Cgroup of containers whose sandbox names no parent; `{id}` is the container's. */
  readonly cgroupOfItsOwn: string;
  /** `NAME=value` that the runtime sets in every container, behind what the image sets. */
  readonly environment: readonly string[];
  /** Whether clients are told ids of images without `sha256:` in front. */
  readonly bareImageIds: boolean;
  /** Whether lists and status of containers have the ids of their images. */
  readonly tellsImageIds: boolean;
  /** What containers without a host name of their own see as theirs. */
  readonly hostname: string;
  /** How long a container stands still per MiB of its memory while it is checkpointed (milliseconds). */
  readonly checkpointMillisecondsPerMiB: number;
  /** Services offered at all; calls to others are to an unknown service. */
  readonly services: readonly ('RuntimeService' | 'ImageService')[];
  /** Calls that the runtime's version of the API does not know: `unknown method X for service S`. */
  readonly unknownMethods: readonly CriMethod[];
  /** Calls that it knows and leaves out: `method X not implemented`. */
  readonly unimplementedMethods: readonly CriMethod[];
  /** Rows that the call log keeps; older ones are dropped. */
  readonly callLogLength: number;
}

/** The persona `reference`. Its version is one that no real runtime has. */
export const DEFAULT_SETTINGS: RuntimeSettings = {
  name: 'ckptest',
  version: '0.1.0',
  ociRuntime: 'io.containerd.runc.v2',
  cgroupDriver: 'CGROUPFS',
  cgroupOfItsOwn: '/k8s.io/{id}',
  environment: [],
  bareImageIds: false,
  tellsImageIds: true,
  hostname: hostname(),
  checkpointMillisecondsPerMiB: 0,
  services: ['RuntimeService', 'ImageService'],
  unknownMethods: [],
  unimplementedMethods: [],
  callLogLength: 5_000,
};
