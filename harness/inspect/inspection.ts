// Defines the result of `ckptest inspect` as data. It never contains memory contents or values of variables.
import type { InspectionFinding, Severity } from './findings';

export const SCHEMA = 'ckptest/inspection/v1';

export type Engine = 'containerd' | 'cri-o' | 'podman' | 'unknown';

export interface InspectedFile {
  readonly fd: number;
  /** CRIU's name of the file type: REG, PIPE, INETSK ... */
  readonly type: string;
  /** A path, an address with a port, or the name that /proc shows if the file has no path. */
  readonly name: string;
  /** Offset of the next read or write in bytes, as decimal digits. Set only for regular files. */
  readonly position?: string;
  /** The protocol of a socket: TCP, UDP ... */
  readonly protocol?: string;
  /** The state of a socket: LISTEN, ESTABLISHED ... */
  readonly state?: string;
  /** Name of a connected unix socket in the form of /proc. */
  readonly socket?: string;
  /** The address of the other end of a connected socket. */
  readonly peer?: string;
}

/** The kind of a memory area. `file`: data of a file. `kernel`: memory that the kernel maps into every process. */
export type MemoryKind = 'code' | 'file' | 'heap' | 'anonymous' | 'shared' | 'stack' | 'kernel';

/** An area of the memory of a process. */
export interface MemoryArea {
  readonly kind: MemoryKind;
  /** Start address in hexadecimal. */
  readonly start: string;
  readonly bytes: number;
  /** Size of the area's pages in the archive, bytes. */
  readonly dumpedBytes: number;
}

export interface InspectedProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly name: string;
  readonly processGroup: number;
  readonly session: number;
  /** Path of the program. */
  readonly executable?: string;
  readonly workingDirectory?: string;
  /** The process's root directory, which is `/` unless the process called `chroot`. */
  readonly rootDirectory?: string;
  readonly threads: readonly number[];
  /** Size of the process's memory in the archive, bytes. */
  readonly memoryBytes: number;
  /** The memory areas by address, at most 1,000. */
  readonly memoryAreas: readonly MemoryArea[];
  readonly environmentNames: readonly string[];
  readonly openFiles: readonly InspectedFile[];
}

export interface InspectedMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/**
 * The kind of an archive. `image` and `pod`: the archive contains archives of containers. `unknown`: it is not a known
 * kind of checkpoint.
 */
export type ArchiveKind = 'container' | 'pre-checkpoint' | 'gvisor' | 'image' | 'pod' | 'unknown';

/** A file whose contents are only counted. */
export interface CountedFile {
  readonly name: string;
  readonly bytes: number;
  /** Number of files in the file, if it is a tar. */
  readonly files?: number;
}

export interface Inspection {
  readonly schema: typeof SCHEMA;
  readonly file: string;
  readonly kind: ArchiveKind;
  /** The compression format of the file; absent if it is not compressed. */
  readonly compression?: string;
  readonly engine: Engine;
  readonly container: {
    readonly id?: string;
    readonly name?: string;
    readonly podName?: string;
    readonly podNamespace?: string;
    readonly podUid?: string;
    readonly runtime?: string;
    readonly image?: string;
    readonly imageRef?: string;
    readonly createdAt?: string;
    readonly checkpointedAt?: string;
    readonly restoredAt?: string;
  };
  /** Sizes in bytes, and the numbers of members and pages. */
  readonly sizes: {
    readonly archive: number;
    readonly members: number;
    readonly memory: number;
    readonly pages: number;
    /** Number of pages that contain only zeros. */
    readonly blankPages: number;
    readonly rootFsDiff: number;
  };
  /** Durations that CRIU measured, microseconds; absent if CRIU recorded none. */
  readonly times?: {
    readonly freezing: number;
    readonly frozen: number;
    /** Durations of collecting and of writing memory, both while the container is frozen. */
    readonly memoryDump: number;
    readonly memoryWrite: number;
  };
  /** The processes. Parents come before their children. */
  readonly processes: readonly InspectedProcess[];
  /**
   * Names of the variables in the configuration of the container. `processes` has the names from the memory of each
   * process.
   */
  readonly environmentNames: readonly string[];
  readonly mounts: readonly InspectedMount[];
  readonly changes: { readonly changed: readonly string[]; readonly deleted: readonly string[] };
  /** Files with GPU memory, which CRIU's plugins write. */
  readonly gpuImages: readonly CountedFile[];
  /** Volumes of Podman. */
  readonly volumes: readonly CountedFile[];
  /** Files in the shared memory of a Podman container. */
  readonly sharedMemory?: CountedFile;
  /** The archives inside an image or inside the archive of a pod. */
  readonly containers: readonly Inspection[];
  readonly findings: readonly InspectionFinding[];
  /** Number of findings by severity. `findings` contains at most 200 of them. */
  readonly findingCounts: Readonly<Record<Severity, number>>;
}
