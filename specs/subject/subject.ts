// What a target must offer a spec. The harness implements it; specs know nothing else of a target.
import type { CriRequest, CriRequestInit, CriResponse, CriUnaryMethod } from '../../proto/load';
import type { ApiServer, CertificateOptions } from './access';
import type { Credentials, HttpAnswer, HttpQuery, RawAnswer, RawQuery } from './http';

/** What a spec may need; each is explained where the harness reports that a target lacks it. */
export const NEEDS = {
  kubelet: 'a kubelet endpoint with credentials that may checkpoint',
  'kubelet-configuration': 'a kubelet that can be started with another configuration',
  'kubelet-version': 'a kubelet that can play another Kubernetes minor',
  'default-root-directory': 'a kubelet that can be started without a root directory of ours',
  'api-server': 'a kubelet that asks an API server of ours who somebody is and what they may do',
  'client-certificates': 'a kubelet that takes client certificates of an authority of ours',
  'read-only-port': 'a kubelet that can be started with a read-only port',
  'raw-connection': 'connections of our own to the kubelet itself',
  'severable-runtime': 'a kubelet whose way to its runtime can be cut',
  'call-log': 'a runtime that tells what the kubelet asked of it',
  'runtime-faults': 'a runtime that can be told to fail, refuse or wait',
  runtime: 'a CRI socket for calls of our own',
  checkpoint: 'a runtime that implements CheckpointContainer',
  restore: 'a runtime that creates containers from the archives of its checkpoints',
  'second-runtime': 'a second runtime of the same kind that shares nothing with the first',
  refusal: 'a runtime that does not implement CheckpointContainer, or can play one',
  'runtime-restart': 'a runtime that can be restarted',
  root: 'the rights of root, to give files away',
  files: 'the archives, seen from here',
  'log-files': 'the log files of containers, seen from here',
} as const;
export type Need = keyof typeof NEEDS;

/** A container as a kubelet names it. */
export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** What the runtime saw of one call. */
export interface SeenCall {
  readonly method: string;
  readonly request: unknown;
  readonly deadlineSeconds: number | undefined;
  /** Name of the gRPC code that it ended with, as `OK`; undefined while it is under way. */
  readonly ended: string | undefined;
}

/** A CheckpointContainer call as the runtime saw it. */
export interface SeenCheckpoint extends SeenCall {
  readonly request: CriRequest<'CheckpointContainer'>;
}

/** A kubelet with its runtime and the pods that every node of the suite has. */
export interface Node {
  /** Static or given: runs, and counts in its log. */
  readonly running: ContainerName;
  /** Runs too, in another namespace; with the next three in one pod. */
  readonly other: ContainerName;
  readonly exited: ContainerName;
  readonly exitedInit: ContainerName;
  readonly neverCreated: ContainerName;
  /** The kubelet's `--root-dir`, absolute. */
  readonly rootDirectory: string;
  /** `runtimeRequestTimeout` of its configuration, seconds. */
  readonly runtimeRequestTimeoutSeconds: number;
  /** One HTTP exchange with the kubelet. */
  request(query: HttpQuery): Promise<HttpAnswer>;
  /** POSTs to the checkpoint path; `query` is what follows the `?`. */
  checkpoint(name: ContainerName, query?: string): Promise<HttpAnswer>;
  /** The CheckpointContainer calls that the runtime saw while `action` ran; `action` may ask for those so far. */
  checkpointsDuring(
    action: (sofar: () => readonly SeenCheckpoint[]) => Promise<unknown>,
  ): Promise<readonly SeenCheckpoint[]>;
  /** The id that the runtime knows a running container by. */
  containerId(name: ContainerName): Promise<string>;
  /** Runs `action` while the runtime does something else with CheckpointContainer than it should. */
  whileRuntime<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T>;
  /** Where a path of the target is found here. */
  local(path: string): string;
  /** Needs `raw-connection`. */
  raw(query: RawQuery): Promise<RawAnswer>;
  /** One exchange with the read-only port, where the circumstances have one. */
  readOnly(query: HttpQuery): Promise<HttpAnswer>;
  /** Needs `client-certificates`. */
  certificate(options: CertificateOptions): Promise<Credentials>;
  /** The API server that the kubelet asks, where the circumstances say so. */
  apiServer(): ApiServer;
  /** Takes the runtime's socket away, where the circumstances allow it; what is returned brings it back. */
  cutRuntime(): Promise<() => Promise<void>>;
}

/** How a node of the suite may differ from the usual one. */
export interface Circumstances {
  readonly featureGate?: boolean;
  readonly debuggingHandlers?: boolean;
  readonly anonymous?: boolean;
  readonly runtimeRequestTimeoutSeconds?: number;
  /** `default`: the kubelet is not told any, and whatever it has to write elsewhere does not stay. */
  readonly rootDirectory?: 'another' | 'default';
  /** Kubernetes minor, as `1.25`. */
  readonly kubernetesVersion?: string;
  /** `webhook`: bearer tokens and what somebody may do are asked of an API server. */
  readonly access?: 'webhook';
  readonly readOnlyPort?: true;
  /** The way to the runtime can be cut. */
  readonly severable?: true;
}

/** What a runtime may do; `refuses` is what this target's runtime itself says where it does not implement the call. */
export type RuntimeFault =
  | { readonly abort: { readonly code: string; readonly message: string } }
  | { readonly delaySeconds: number }
  | 'refuses';

/** How a CRI call ended. */
export type CriOutcome<M extends CriUnaryMethod> =
  | { readonly ok: true; readonly response: CriResponse<M> }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What a container of a spec's own is to be. */
export interface ContainerOptions {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Something else to run than the suite's image: the path of a checkpoint archive. */
  readonly image?: string;
  /** A container to share the sandbox of; by default it gets one of its own. */
  readonly beside?: OwnContainer;
}

/** One line that a container wrote, as its log has it. */
export interface LogLine {
  /** When the runtime took it down, milliseconds since the epoch. */
  readonly atMs: number;
  readonly text: string;
}

export interface OwnContainer {
  readonly id: string;
  readonly sandboxId: string;
  /** Lines in its log so far. */
  progress(): Promise<number>;
  log(): Promise<readonly LogLine[]>;
  state(): Promise<string>;
}

/** How the creation of a container ended that need not succeed. */
export interface Attempt {
  readonly outcome: CriOutcome<'CreateContainer'>;
  readonly sandboxId: string;
  /** Where it succeeded. */
  readonly container?: OwnContainer;
}

/** What a runtime tells of a container that changed. */
export type ContainerEvent = CriResponse<'GetContainerEvents'>;

export interface CallOptions {
  readonly deadlineSeconds?: number;
  /** Aborted, the caller leaves, and the outcome is CANCELLED. */
  readonly signal?: AbortSignal;
}

/** The runtime, spoken to directly. What is made here is removed when the spec ends, however it ends. */
export interface Runtime {
  call<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>, options?: CallOptions): Promise<CriOutcome<M>>;
  /** A container in a sandbox of its own, created and not started. */
  created(options?: ContainerOptions): Promise<OwnContainer>;
  /** As `created`, where the rule is about whether it succeeds; `again` is an attempt whose sandbox and name to take. */
  tried(options?: ContainerOptions, again?: Attempt): Promise<Attempt>;
  /** As `created`, and started; by default it counts in its log fifty times a second. */
  started(options?: ContainerOptions): Promise<OwnContainer>;
  /** Runs `action` while the runtime does not implement CheckpointContainer, as it itself says that. */
  whileRefusing<T>(action: () => Promise<T>): Promise<T>;
  /**
   * Runs `action` while a checkpoint lasts at least so long after its container goes on, where that can be arranged;
   * elsewhere it lasts as long as it does.
   */
  whileSlow<T>(milliseconds: number, action: () => Promise<T>): Promise<T>;
  /** Restarts the runtime; its containers are to go on. Returns when it listens again. */
  restart(): Promise<void>;
  /**
   * Listens to GetContainerEvents while `action` runs; `seen` tells what came so far, in order. `seen` throws Unsupported
   * where the runtime does not implement the call.
   */
  whileListening<T>(action: (seen: () => readonly ContainerEvent[]) => Promise<T>): Promise<T>;
  /** An empty folder of this spec's own, at the same path here and for the runtime. */
  directory(): Promise<string>;
}

export interface Subject {
  node(circumstances?: Circumstances): Promise<Node>;
  readonly runtime: Runtime;
  /** Another runtime that shares nothing with the first: the other computer. */
  elsewhere(): Promise<Runtime>;
  /** Asks again until `condition` holds, or says after the spec's patience what it waited for. */
  until<T>(what: string, probe: () => Promise<T>, condition: (value: T) => boolean): Promise<T>;
}
