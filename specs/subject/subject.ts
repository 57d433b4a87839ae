// What a target offers to specs. The harness implements these interfaces; specs use a target only through them.
import type { CriRequest, CriRequestInit, CriResponse, CriUnaryMethod } from '../../proto/load';
import type { ApiServer, CertificateOptions } from './access';
import type { Credentials, HttpAnswer, HttpQuery, RawAnswer, RawQuery } from './http';

/** The capabilities that a spec can need. The harness shows the text when a target lacks one. */
export const NEEDS = {
  kubelet: 'a kubelet endpoint, and credentials that may checkpoint',
  'kubelet-configuration': 'a kubelet that the suite can start with another configuration',
  'kubelet-version': 'a kubelet that can be another Kubernetes minor version',
  'default-root-directory': 'a kubelet that the suite can start with the default root directory',
  'api-server': 'a kubelet that authenticates and authorizes users through an API server of the suite',
  'client-certificates': 'a kubelet that trusts client certificates issued by the suite',
  'read-only-port': 'a kubelet that the suite can start with a read-only port',
  'raw-connection': 'direct connections to the kubelet',
  'severable-runtime': 'a kubelet whose connection to its runtime the suite can cut',
  'call-log': 'a record of the calls that the runtime got from the kubelet',
  'runtime-faults': 'a runtime that can be made to fail, refuse or wait',
  runtime: 'a CRI socket that the suite can call',
  'checkpoint-attempt': 'a runtime that does not refuse checkpoints',
  checkpoint: 'a runtime whose checkpoints succeed',
  'restore-attempt': 'a runtime that does not refuse to restore containers from its checkpoint archives',
  restore: 'a runtime that restores containers from its checkpoint archives',
  'second-runtime': 'a second runtime of the same kind that shares nothing with the first',
  refusal: 'a runtime that does not implement CheckpointContainer, or can be made to refuse it',
  'runtime-restart': 'a runtime that the suite can restart',
  root: 'root privileges, to change the owner of files',
  files: 'access to the archives on disk',
  'log-files': 'access to the log files of containers',
} as const;
export type Need = keyof typeof NEEDS;

/** A container as a kubelet names it. */
export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A call that the runtime received. */
export interface SeenCall {
  readonly method: string;
  readonly request: unknown;
  readonly deadlineSeconds: number | undefined;
  /** Name of the gRPC code with which the call ended, such as `OK`; undefined while the call is in progress. */
  readonly ended: string | undefined;
}

/** A CheckpointContainer call that the runtime received. */
export interface SeenCheckpoint extends SeenCall {
  readonly request: CriRequest<'CheckpointContainer'>;
}

/** A kubelet with its runtime and the pods that the suite runs on every node. */
export interface Node {
  /** A running container that writes numbers to its log. */
  readonly running: ContainerName;
  /**
   * Another running container, in another namespace. The containers of the next three fields are in the same pod as
   * `other`.
   */
  readonly other: ContainerName;
  readonly exited: ContainerName;
  readonly exitedInit: ContainerName;
  readonly neverCreated: ContainerName;
  /** The kubelet's `--root-dir`, as an absolute path. */
  readonly rootDirectory: string;
  /** `runtimeRequestTimeout` in the kubelet's configuration, seconds. */
  readonly runtimeRequestTimeoutSeconds: number;
  /** Sends one HTTP request to the kubelet. */
  request(query: HttpQuery): Promise<HttpAnswer>;
  /**
   * Requests a checkpoint.
   *
   * @param query the part of the URL after the `?`
   */
  checkpoint(name: ContainerName, query?: string): Promise<HttpAnswer>;
  /** Runs `action` and returns the CheckpointContainer calls that the runtime received meanwhile. Needs `call-log`. */
  checkpointsDuring(
    action: (callsSoFar: () => readonly SeenCheckpoint[]) => Promise<unknown>,
  ): Promise<readonly SeenCheckpoint[]>;
  /** Returns the id of a running container in the runtime. */
  containerId(name: ContainerName): Promise<string>;
  /** Runs `action` while the runtime handles CheckpointContainer calls with a fault. Needs `runtime-faults` or `refusal`. */
  whileRuntime<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T>;
  /** Returns the path on this machine of a path on the target. */
  local(path: string): string;
  /** Sends bytes on a new connection. Needs `raw-connection`. */
  raw(query: RawQuery): Promise<RawAnswer>;
  /** Sends one request to the read-only port, which the circumstances must enable. */
  readOnly(query: HttpQuery): Promise<HttpAnswer>;
  /** Issues a client certificate. Needs `client-certificates`. */
  certificate(options: CertificateOptions): Promise<Credentials>;
  /** Returns the API server of this kubelet. The circumstances must contain `access: 'webhook'`. */
  apiServer(): ApiServer;
  /**
   * Cuts the connection to the runtime and returns a function that restores it. The circumstances must contain
   * `severable`.
   */
  cutRuntime(): Promise<() => Promise<void>>;
}

/** How a node differs from the default node. */
export interface Circumstances {
  readonly featureGate?: boolean;
  readonly debuggingHandlers?: boolean;
  readonly anonymous?: boolean;
  readonly runtimeRequestTimeoutSeconds?: number;
  /**
   * `default`: the kubelet is started without a root directory and uses its own default. The files that it writes there
   * are removed.
   */
  readonly rootDirectory?: 'another' | 'default';
  /** Kubernetes minor version, such as `1.25`. */
  readonly kubernetesVersion?: string;
  /** `webhook`: the kubelet asks an API server to authenticate tokens and to authorize users. */
  readonly access?: 'webhook';
  readonly readOnlyPort?: true;
  /** Whether the connection to the runtime can be cut. */
  readonly severable?: true;
}

/**
 * How a runtime handles CheckpointContainer. `refuses`: the runtime refuses the call as a runtime without checkpoint
 * support does.
 */
export type RuntimeFault =
  | { readonly abort: { readonly code: string; readonly message: string } }
  | { readonly delaySeconds: number }
  | 'refuses';

/** The result of a CRI call. */
export type CriOutcome<M extends CriUnaryMethod> =
  | { readonly ok: true; readonly response: CriResponse<M> }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The container that a spec wants. */
export interface ContainerOptions {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** How often a kubelet has restarted the container. Default: 0. */
  readonly attempt?: number;
  /** The path of a checkpoint archive to restore. Default: the suite's image. */
  readonly image?: string;
  /** A container whose sandbox to share. Default: a sandbox without other containers. */
  readonly beside?: TestContainer;
}

/** One line of a container's log. */
export interface LogLine {
  /** Time at which the runtime logged the line, milliseconds since the epoch. */
  readonly atMs: number;
  readonly text: string;
}

export interface TestContainer {
  readonly id: string;
  readonly sandboxId: string;
  /** The labels in the request. */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * The path of the container's log in the request. The suite reads the log from the path in the container's status.
   */
  readonly logPath: string;
  /** Returns the number of lines in the container's log. */
  progress(): Promise<number>;
  log(): Promise<readonly LogLine[]>;
  state(): Promise<string>;
}

/** The result of a CreateContainer call that may fail. */
export interface Attempt {
  readonly outcome: CriOutcome<'CreateContainer'>;
  readonly sandboxId: string;
  /** The container, if the call succeeded. */
  readonly container?: TestContainer;
}

/** The number of checkpoints that had to succeed before a rule could be tested, and the failures. */
export interface DumpTally {
  readonly tried: number;
  /** The errors of failed checkpoints. */
  readonly failures: readonly string[];
}

/** A container event that a runtime sends. */
export type ContainerEvent = CriResponse<'GetContainerEvents'>;

export interface CallOptions {
  readonly deadlineSeconds?: number;
  /** When it is aborted, the caller cancels the call and the outcome is CANCELLED. */
  readonly signal?: AbortSignal;
}

/** The runtime, called directly. Everything that a spec creates is removed when the spec ends. */
export interface Runtime {
  call<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>, options?: CallOptions): Promise<CriOutcome<M>>;
  /** Creates a container in a sandbox of this spec without starting it. */
  created(options?: ContainerOptions): Promise<TestContainer>;
  /**
   * Creates a container like `created`, but returns the result even if the call fails.
   *
   * @param again an earlier attempt whose sandbox and container name to use again
   */
  tried(options?: ContainerOptions, again?: Attempt): Promise<Attempt>;
  /** Creates and starts a container. By default it writes a number to its log 50 times a second. */
  started(options?: ContainerOptions): Promise<TestContainer>;
  /**
   * Checkpoints a container for a rule that needs the checkpoint to succeed. A failed checkpoint is repeated once,
   * because CRIU sometimes fails to dump a running process. `dumps` counts both attempts.
   */
  checkpointed(container: TestContainer, location: string): Promise<CriOutcome<'CheckpointContainer'>>;
  /** Returns the number and the failures of all checkpoints that `checkpointed` has made in this run so far. */
  dumps(): DumpTally;
  /**
   * Runs `action` while the runtime refuses CheckpointContainer as a runtime without checkpoint support does. Needs
   * `refusal`.
   */
  whileRefusing<T>(action: () => Promise<T>): Promise<T>;
  /**
   * Runs `action` while checkpoints are slow. If the target cannot slow checkpoints down, only runs `action`.
   *
   * @param milliseconds minimum duration of a checkpoint after its container is resumed
   */
  whileSlow<T>(milliseconds: number, action: () => Promise<T>): Promise<T>;
  /** Restarts the runtime and returns when it listens again. Needs `runtime-restart`. */
  restart(): Promise<void>;
  /**
   * Runs `action` with a subscription to GetContainerEvents.
   *
   * @param action called with a function that returns the events so far, in order. That function throws Unsupported if
   * the runtime does not implement the call
   */
  whileListening<T>(action: (seen: () => readonly ContainerEvent[]) => Promise<T>): Promise<T>;
  /** Creates an empty directory for this spec, at the same path on this machine and for the runtime. */
  directory(): Promise<string>;
}

/** What a spec tests: a target, and what the spec may do with it. */
export interface Subject {
  /** Returns a node with these circumstances. */
  node(circumstances?: Circumstances): Promise<Node>;
  readonly runtime: Runtime;
  /**
   * Which component makes the archives for rules that apply to any container. `kubelet`: the suite cannot create
   * containers.
   */
  readonly archivesFrom: 'runtime' | 'kubelet';
  /**
   * Returns a second runtime that shares no state with the first, as if it ran on another machine. Needs
   * `second-runtime`.
   */
  elsewhere(): Promise<Runtime>;
  /**
   * Declares that this spec does nothing except wait from now on. The next spec may then start, even if this spec has
   * `when: 'alone'`.
   */
  onlyWaits(): void;
  /**
   * Calls `probe` until `condition` holds.
   *
   * @param label of the violation if the condition does not hold in time
   * @returns the value that met the condition
   */
  until<T>(
    label: string,
    probe: () => Promise<T>,
    condition: (value: T) => boolean,
    otherwise: Otherwise<T>,
  ): Promise<T>;
}

/** The sentences of the violation if a condition does not hold in time. */
export interface Otherwise<T> {
  readonly expected: string;
  /**
   * Returns what happened, in a sentence.
   *
   * @param last the last value
   * @param seconds how long the spec waited
   */
  actual(last: T, seconds: number): string | Promise<string>;
  readonly about?: readonly string[];
}
