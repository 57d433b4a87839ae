// The result of `ckptest inspect` as data. It never contains memory contents or values of variables.
import type { InspectionFinding, Severity } from './findings';

export const SCHEMA = 'ckptest/inspection/v1';

export type Engine = 'containerd' | 'cri-o' | 'podman' | 'unknown';

export interface InspectedFile {
  readonly fd: number;
  /** CRIU's name of the file type: REG, PIPE, INETSK ... */
  readonly type: string;
  /** A path, an address with a port, or the name that /proc shows if the file has no path. */
  readonly name: string;
  /** Offset in bytes, as decimal digits. Only regular files have one. */
  readonly position?: string;
  /** The protocol of a socket: TCP, UDP ... */
  readonly protocol?: string;
  /** The state of a socket: LISTEN, ESTABLISHED ... */
  readonly state?: string;
  /** A connected unix socket, in the form of /proc. */
  readonly socket?: string;
  /** The other end of a connected socket. */
  readonly peer?: string;
}

/** `file`: data of a file; `kernel`: what the kernel maps into every process. */
export type MemoryKind = 'code' | 'file' | 'heap' | 'anonymous' | 'shared' | 'stack' | 'kernel';

/** An area of the memory of a process. */
export interface MemoryArea {
  readonly kind: MemoryKind;
  /** Address, in hexadecimal. */
  readonly start: string;
  readonly bytes: number;
  /** Size of its pages in the archive, bytes. */
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
  /** Its own root directory, which is `/` unless it called `chroot`. */
  readonly rootDirectory?: string;
  readonly threads: readonly number[];
  /** Size of its memory in the archive, bytes. */
  readonly memoryBytes: number;
  /** By address; at most 1,000 areas. */
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

/** `image` and `pod`: contains archives of containers. `unknown`: not a known kind of checkpoint. */
export type ArchiveKind = 'container' | 'pre-checkpoint' | 'gvisor' | 'image' | 'pod' | 'unknown';

/** A file whose contents are not inspected, only counted. */
export interface CountedFile {
  readonly name: string;
  readonly bytes: number;
  /** Number of files in it, if it is a tar. */
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
  /** Bytes, except for the numbers of members and pages. */
  readonly sizes: {
    readonly archive: number;
    readonly members: number;
    readonly memory: number;
    readonly pages: number;
    /** Pages that contain only zeros. */
    readonly blankPages: number;
    readonly rootFsDiff: number;
  };
  /** Microseconds, as CRIU measured them; absent if CRIU recorded none. */
  readonly times?: {
    readonly freezing: number;
    readonly frozen: number;
    /** Collecting and writing memory, both while the container is frozen. */
    readonly memoryDump: number;
    readonly memoryWrite: number;
  };
  /** Parents come before their children. */
  readonly processes: readonly InspectedProcess[];
  /**
   * Names of the variables in the configuration of the container. `processes` has the names from the memory of each
   * process.
   */
  readonly environmentNames: readonly string[];
  readonly mounts: readonly InspectedMount[];
  readonly changes: { readonly changed: readonly string[]; readonly deleted: readonly string[] };
  /** GPU memory, as CRIU's plugins write it. */
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
