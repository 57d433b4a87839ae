// Defines what a container runtime and its node contribute to the CRIU images of every container: ids, capabilities,
// mounts.
import type { Bind } from '../binds';
import type { ContainerSnapshot } from '../snapshot';

/** Device numbers. Mounts of the same file system have the same device number. */
export interface Devices {
  readonly overlay: number;
  readonly mqueue: number;
  readonly proc: number;
  readonly dev: number;
  readonly devpts: number;
  readonly cgroups: number;
  /** The empty tmpfs that masks directories. */
  readonly empty: number;
  readonly shm: number;
  /** The node's `/run`. */
  readonly run: number;
}

/** The contributions of a container runtime. */
export interface Platform {
  readonly name: string;
  readonly devices: Devices;
  /** Mount ids are consecutive, but mounts that mask paths have a separate range of ids. */
  readonly firstMountId: { readonly others: number; readonly masks: number };
  /** Id of the mount that contains the container's root. It is not part of the dump. */
  readonly outerMountId: number;
  /** Mode of the container's root directory, with its file type. */
  readonly rootMode: number;
  /** Options of the overlay mount of the root file system. */
  readonly rootOptions: (snapshot: ContainerSnapshot) => string;
  /** Default capabilities of containers, in the runtime's order. Their names do not begin with `CAP_`. */
  readonly capabilities: readonly string[];
  /** OOM score adjustment of processes if their container does not set an adjustment. It was measured. */
  readonly oomScoreAdj: number;
  /** Whether a container in the network of the node has its own UTS namespace. */
  readonly ownUts: boolean;
  /** Returns the binds of a container. */
  readonly binds: (snapshot: ContainerSnapshot) => readonly Bind[];
  /** Returns the absolute path of a container's cgroup. */
  readonly cgroupPath: (snapshot: ContainerSnapshot) => string;
}
