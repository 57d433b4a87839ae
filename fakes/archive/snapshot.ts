// What is known of a container at the moment of its checkpoint: all that an archive is made from.

/** An open regular file of a process. */
export interface OpenFile {
  readonly fd: number;
  readonly path: string;
  /** Offset in bytes. */
  readonly position: number;
  /** Whether every write goes to the end. */
  readonly append?: boolean;
}

/** A TCP socket that waits for connections. */
export interface ListeningSocket {
  readonly fd: number;
  /** IPv4 address, dotted. */
  readonly address: string;
  readonly port: number;
}

/** A unix stream socket of a process: it waits for connections, or is one end of one. */
export interface SnapshotUnixSocket {
  readonly fd: number;
  /** The same in two processes is the same socket; unique in the container. */
  readonly number: number;
  /** Where it is bound, absolute; empty: nowhere. */
  readonly path: string;
  /** Connections that may wait for it to take them; absent from one that is connected. */
  readonly backlog?: number;
  /** Number of the socket at the other end of its connection. */
  readonly peer?: number;
}

/** One process of the container, as the kernel would show it. */
export interface SnapshotProcess {
  readonly pid: number;
  /** 0 for the first process of the container. */
  readonly parentPid: number;
  /** Short name, at most 15 bytes. */
  readonly name: string;
  readonly arguments: readonly string[];
  /** `NAME=value`, in order. */
  readonly environment: readonly string[];
  /** Bytes of anonymous memory beyond what every process has. */
  readonly memoryBytes: number;
  /** Strings that lie somewhere in its heap. */
  readonly plantedStrings: readonly string[];
  readonly openFiles: readonly OpenFile[];
  /** What lies in its heap so that the process can be taken up elsewhere; its form is the simulation's own business. */
  readonly state?: Buffer;
  /** Ids of its threads besides the first, whose id is the process's. */
  readonly threads?: readonly number[];
  readonly listening?: readonly ListeningSocket[];
  readonly unixSockets?: readonly SnapshotUnixSocket[];
}

/** A file that differs from the image. */
export interface ChangedFile {
  /** Absolute path in the container. */
  readonly path: string;
  /** undefined: the file of the image is gone. */
  readonly content?: Buffer;
}

export interface SnapshotMount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
}

/** Limits of a container, in the units of CRI's LinuxContainerResources; 0 stands for none, and no member at all for nothing asked. */
export interface SnapshotResources {
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
  readonly memoryLimitInBytes?: number;
  /** Of memory and swap together. */
  readonly memorySwapLimitInBytes?: number;
  readonly oomScoreAdj?: number;
}

/** Whom the processes of a container run as, and what they may do. */
export interface SnapshotSecurity {
  readonly uid: number;
  readonly gid: number;
  /** Its group and the supplemental ones. */
  readonly groups: readonly number[];
  /** Has all capabilities; nothing is hidden from it, and it may write to `/sys`. */
  readonly privileged?: boolean;
  /** With or without `CAP_`; `ALL` stands for all. */
  readonly addedCapabilities?: readonly string[];
  readonly droppedCapabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly readonlyRoot?: boolean;
  /** Absolute paths that it cannot look into, or cannot write to. */
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

export interface ContainerSnapshot {
  readonly containerId: string;
  readonly containerName: string;
  readonly attempt: number;
  readonly sandboxId: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly podUid: string;
  /** Annotations of the pod; CRI-O copies them to each container. */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** Which try at this pod the sandbox is; default 0. */
  readonly podAttempt?: number;
  /** As the user wrote it. */
  readonly image: string;
  /** Repository with digest, or the id where there is none. */
  readonly imageRef: string;
  readonly imageId: string;
  /** Name of the OCI runtime, for example `io.containerd.runc.v2`. */
  readonly ociRuntime: string;
  readonly cgroupPath: string;
  /** Nanoseconds since the epoch, as decimal digits: more than a number holds. */
  readonly createdAt: string;
  readonly startedAt: string;
  readonly checkpointedAt: string;
  /** Whether it was itself made from a checkpoint; default false. */
  readonly restored?: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mounts: readonly SnapshotMount[];
  readonly workingDirectory: string;
  /** The log file of the container as the kubelet names it, absolute; empty where it has none. */
  readonly logPath: string;
  readonly resources: SnapshotResources;
  readonly security: SnapshotSecurity;
  /** In the order of their pids; the first is the container's own. */
  readonly processes: readonly SnapshotProcess[];
  readonly changedFiles: readonly ChangedFile[];
  /** Absolute paths of folders that were made; default none. */
  readonly madeDirectories?: readonly string[];
}

/** Below these nothing of the root file system shows. */
const OTHER_FILE_SYSTEMS = ['/dev', '/proc', '/sys'];

/** Whether an absolute path of the container lies in its root file system. */
export function isOfTheRoot(path: string): boolean {
  return !OTHER_FILE_SYSTEMS.some((other) => path === other || path.startsWith(`${other}/`));
}

export function rootChanges({ changedFiles }: ContainerSnapshot): ChangedFile[] {
  return changedFiles.filter(({ path }) => isOfTheRoot(path));
}
