// What `ckptest inspect` reports, as data. It never contains memory or the values of variables.
import type { InspectionFinding } from './findings';

export const SCHEMA = 'ckptest/inspection/v1';

export type Engine = 'containerd' | 'cri-o' | 'podman' | 'unknown';

export interface InspectedFile {
  readonly fd: number;
  /** As CRIU names kinds of files: REG, PIPE, INETSK ... */
  readonly type: string;
  /** A path, or what stands for one. */
  readonly name: string;
  /** Offset in bytes, as digits; absent where there is none. */
  readonly position?: string;
  /** A unix socket that waits for connections. */
  readonly listens?: boolean;
  /** A connected unix socket and its other end, as /proc names sockets. */
  readonly socket?: string;
  readonly peer?: string;
}

export interface InspectedProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly name: string;
  readonly threads: readonly number[];
  /** Bytes of its memory in the archive. */
  readonly memoryBytes: number;
  readonly environmentNames: readonly string[];
  readonly openFiles: readonly InspectedFile[];
}

export interface InspectedMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface Inspection {
  readonly schema: typeof SCHEMA;
  readonly file: string;
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
  /** In bytes, except members and pages. */
  readonly sizes: {
    readonly archive: number;
    readonly members: number;
    readonly memory: number;
    readonly pages: number;
    /** Pages that contain only zeros. */
    readonly blankPages: number;
    readonly rootFsDiff: number;
  };
  /** Microseconds, as CRIU measured them; missing if it did not say. */
  readonly times?: { readonly freezing: number; readonly frozen: number };
  /** Parents before their children. */
  readonly processes: readonly InspectedProcess[];
  /** Names of the variables in the configuration. Those in its memory are with each process. */
  readonly environmentNames: readonly string[];
  readonly mounts: readonly InspectedMount[];
  readonly changes: { readonly changed: readonly string[]; readonly deleted: readonly string[] };
  readonly findings: readonly InspectionFinding[];
  /** How many findings there are; `findings` has at most 200 of them. */
  readonly findingCount: number;
}
