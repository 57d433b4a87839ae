// What a runtime and its node bring to the CRIU images of every container: numbers, rights and mounts. Data and rules.
import type { Bind } from '../binds';
import type { ContainerSnapshot } from '../snapshot';

/** Device numbers: mounts of one file system share one. */
export interface Devices {
  readonly overlay: number;
  readonly mqueue: number;
  readonly proc: number;
  readonly dev: number;
  readonly devpts: number;
  readonly cgroups: number;
  /** The empty tmpfs that masks folders. */
  readonly empty: number;
  readonly shm: number;
  /** The node's `/run`. */
  readonly run: number;
}

export interface Platform {
  readonly name: string;
  readonly devices: Devices;
  /** Ids are handed out in order, but what masks parts of other mounts got ids that were free further down. */
  readonly firstMountId: { readonly others: number; readonly masks: number };
  /** The mount that the container's root hangs on, outside of what is dumped. */
  readonly outerMountId: number;
  readonly rootMode: number;
  readonly rootOptions: (snapshot: ContainerSnapshot) => string;
  /** Capabilities of a container that asks for none, without `CAP_`, in the runtime's order. */
  readonly capabilities: readonly string[];
  /** What the processes of a container have that asks for no adjustment. Measured. */
  readonly oomScoreAdj: number;
  /** Whether a container with the host's network has a UTS namespace of its own nonetheless. */
  readonly ownUts: boolean;
  readonly binds: (snapshot: ContainerSnapshot) => readonly Bind[];
  readonly cgroupPath: (snapshot: ContainerSnapshot) => string;
}
