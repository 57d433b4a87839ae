// Defines the state of a container at the moment of its checkpoint, from which its archive is made.

/** An open regular file of a process. */
export interface OpenFile {
  readonly fd: number;
  readonly path: string;
  /** Offset of the next read or write, bytes. */
  readonly position: number;
  /** Whether the file is open for appending. Default: false. */
  readonly append?: boolean;
}

/** A TCP socket that listens. */
export interface ListeningSocket {
  readonly fd: number;
  /** IPv4 address in dotted notation. */
  readonly address: string;
  readonly port: number;
}

/** A unix stream socket of a process, which listens or is connected. */
export interface SnapshotUnixSocket {
  readonly fd: number;
  /** Identifies the socket in the container. Two processes that share a socket have the same number. */
  readonly number: number;
  /** Absolute path to which the socket is bound; empty if it is not bound. */
  readonly path: string;
  /** Backlog of a listening socket; undefined for a connected socket. */
  readonly backlog?: number;
  /** Number of the socket at the other end of the connection. */
  readonly peer?: number;
}

/** A process of the container. */
export interface SnapshotProcess {
  /** Process id in the container. */
  readonly pid: number;
  /** PID of the parent process; 0 for the first process of the container. */
  readonly parentPid: number;
  /** Name of the task. The kernel truncates it to 15 bytes. */
  readonly name: string;
  readonly arguments: readonly string[];
  /** Environment variables in the form `NAME=value`, in their order. */
  readonly environment: readonly string[];
  /** Size of the process's anonymous memory, bytes, in addition to the memory that every process has. */
  readonly memoryBytes: number;
  /** Strings in the process's heap. */
  readonly plantedStrings: readonly string[];
  readonly openFiles: readonly OpenFile[];
  /** The state that the simulation stores in the heap, in its own format, to continue the process after a restore. */
  readonly state?: Buffer;
  /** Ids of the process's threads except the first thread, whose id is `pid`. Default: none. */
  readonly threads?: readonly number[];
  readonly listening?: readonly ListeningSocket[];
  readonly unixSockets?: readonly SnapshotUnixSocket[];
}

/** A file that differs from the image. */
export interface ChangedFile {
  /** Absolute path in the container. */
  readonly path: string;
  /** Content of the file; undefined if the file was deleted. */
  readonly content?: Buffer;
}

/** A mount of the pod. */
export interface SnapshotMount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
}

/**
 * Resource limits, in the units of the CRI message `LinuxContainerResources`. 0 means no limit. An object without
 * members means that the client did not set the message.
 */
export interface SnapshotResources {
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
  readonly memoryLimitInBytes?: number;
  /** Limit of memory and swap together, bytes. */
  readonly memorySwapLimitInBytes?: number;
  readonly oomScoreAdj?: number;
}

/** The user and the capabilities of a container's processes. Optional members are false or empty by default. */
export interface SnapshotSecurity {
  readonly uid: number;
  readonly gid: number;
  /** Supplemental groups, including the primary group. */
  readonly groups: readonly number[];
  /** Whether the container has all capabilities, no masked paths, and a writable `/sys`. */
  readonly privileged?: boolean;
  /** Names of added capabilities with or without `CAP_`; `ALL` means all capabilities. */
  readonly addedCapabilities?: readonly string[];
  readonly droppedCapabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly readonlyRoot?: boolean;
  /** Absolute paths that the container cannot read. */
  readonly maskedPaths: readonly string[];
  /** Absolute paths that the container cannot write to. */
  readonly readonlyPaths: readonly string[];
}

/** The state of a container at the moment of its checkpoint. */
export interface ContainerSnapshot {
  readonly containerId: string;
  readonly containerName: string;
  /** How many times the container was restarted. */
  readonly attempt: number;
  readonly sandboxId: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly podUid: string;
  /** Annotations of the pod, which CRI-O copies to each container. Default: none. */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** How many earlier sandboxes the pod had. Default: 0. */
  readonly podAttempt?: number;
  /** Name of the image in the pod's manifest. */
  readonly image: string;
  /** Repository with digest, or the id of the image if it has no digest. */
  readonly imageRef: string;
  readonly imageId: string;
  /** Name of the OCI runtime, for example `io.containerd.runc.v2`. */
  readonly ociRuntime: string;
  /** Absolute path of the container's cgroup in every hierarchy; empty for the default path of the runtime. */
  readonly cgroupPath: string;
  /**
   * Times of the container and of the checkpoint, nanoseconds since the epoch, as decimal digits, because a number
   * cannot represent them exactly.
   */
  readonly createdAt: string;
  readonly startedAt: string;
  readonly checkpointedAt: string;
  /** Whether the container was restored from a checkpoint. Default: false. */
  readonly restored?: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mounts: readonly SnapshotMount[];
  readonly workingDirectory: string;
  /** Absolute path of the container's log; empty if it has none. */
  readonly logPath: string;
  readonly resources: SnapshotResources;
  readonly security: SnapshotSecurity;
  /** The processes in the order of their PIDs. The first one is the container's main process. */
  readonly processes: readonly SnapshotProcess[];
  readonly changedFiles: readonly ChangedFile[];
  /** Absolute paths of directories that the container created. Default: none. */
  readonly madeDirectories?: readonly string[];
}

/** Directories on which other file systems are mounted. Files below them are not part of the root file system. */
const OTHER_FILE_SYSTEMS = ['/dev', '/proc', '/sys'];

/**
 * Returns whether a path is part of the root file system.
 *
 * @param path absolute path in the container
 */
export function isInRootFileSystem(path: string): boolean {
  return !OTHER_FILE_SYSTEMS.some((other) => path === other || path.startsWith(`${other}/`));
}

/** Returns the changed and deleted files of the root file system. */
export function rootChanges({ changedFiles }: ContainerSnapshot): ChangedFile[] {
  return changedFiles.filter(({ path }) => isInRootFileSystem(path));
}
