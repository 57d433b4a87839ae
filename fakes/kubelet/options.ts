// Defines the options of a fake kubelet, their defaults, and the values that are derived from them.
import { hostname } from 'node:os';
import path from 'node:path';
import { type Clock, systemClock } from '../base/clock';
import type { CriWrapper } from '../base/cri-call';
import type { Framing } from '../go/net-http/connection';
import type { HttpWrapper } from '../go/net-http/exchange';
import type { Stamp } from './naming';
import type { PodPaths } from './pods/pod-directory';
import { DEFAULT_KUBELET_SETTINGS, type FakeKubeletSettings, requestTimeout } from './settings';
import { DEFAULT_VERSION, gateEnabled, type KubernetesVersion, requireVersion } from './versions';

/** Options of a fake kubelet. */
export interface FakeKubeletOptions {
  /** CRI endpoint of the runtime, the only connection between the kubelet and the runtime. */
  readonly runtimeEndpoint: string;
  /** CRI endpoint of the image service. Default: the runtime's endpoint. */
  readonly imageEndpoint?: string;
  /**
   * The root directory, which is created if it is missing. Archives are written to its `checkpoints` directory.
   * Default: `/var/lib/kubelet`.
   */
  readonly rootDirectory?: string;
  /** If set, the kubelet creates nothing under its root directory, and checkpoints fail if the directory is missing. */
  readonly unmanagedRootDirectory?: true;
  readonly configuration?: Partial<FakeKubeletSettings>;
  /** Kubeconfig file of the API server. Required if authentication or authorization uses the webhook. */
  readonly kubeconfig?: string;
  /** PEM certificates of further authorities whose client certificates are accepted. */
  readonly clientAuthorities?: readonly string[];
  /** Name of the node, which is appended to the names of static pods. Default: the host's name. */
  readonly nodeName?: string;
  /** The version whose behavior and defaults apply. Default: 1.36. */
  readonly kubernetesVersion?: string;
  /**
   * Interceptors of every HTTP exchange, inside TLS; the first is outermost. `user` is set if the credentials are
   * valid. An interceptor may change `user`, and the kubelet then uses the changed user.
   */
  readonly http?: readonly HttpWrapper[];
  /** Changes the bytes of every HTTP response, including its head. */
  readonly framing?: Framing;
  /** How long a connection may wait for its next request, milliseconds. Default: 90 s, as in a kubelet. */
  readonly idleConnectionMs?: number;
  /** Protocols that the server accepts in ALPN. Default: none, as in a kubelet. */
  readonly protocols?: readonly string[];
  /** Interceptors of every CRI call of the kubelet; the first is outermost. */
  readonly cri?: readonly CriWrapper[];
  readonly clock?: Clock;
  /** Formats the time in the name of an archive. Default: RFC 3339 in seconds, as in a kubelet. */
  readonly stamp?: Stamp;
  /** How long the start waits until the pods run, milliseconds of real time. Default: 5000. */
  readonly podStartTimeoutMs?: number;
  /**
   * How long the kubelet waits before it repeats a failed review for the first time, milliseconds. Default: 500, as in
   * a kubelet.
   */
  readonly reviewPauseMs?: number;
  /** Called with a sentence for each problem that does not stop the kubelet. Default: the sentences are dropped. */
  readonly warn?: (sentence: string) => void;
}

/** The options with their defaults, and the values that the kubelet derives from them. */
export interface ResolvedOptions extends FakeKubeletOptions {
  readonly settings: FakeKubeletSettings;
  readonly version: KubernetesVersion;
  /** Whether the feature gate ContainerCheckpoint is on. */
  readonly checkpointEnabled: boolean;
  readonly nodeName: string;
  readonly rootDirectory: string;
  readonly podPaths: PodPaths;
  readonly clientAuthorities: readonly string[];
  /** Default timeout of a CRI call, nanoseconds. */
  readonly requestTimeout: bigint;
  readonly clock: Clock;
  readonly podStartTimeoutMs: number;
  readonly warn: (sentence: string) => void;
}

/** The default root directory of a kubelet. */
export const DEFAULT_ROOT_DIRECTORY = '/var/lib/kubelet';

const POD_START_TIMEOUT_MS = 5000;

/**
 * Fills in the defaults of a kubelet's options.
 * @param options the options as the caller gave them
 * @returns the options with all defaults
 * @throws UserError if `kubernetesVersion` is not a version of Kubernetes
 */
export function resolveOptions(options: FakeKubeletOptions): ResolvedOptions {
  const settings: FakeKubeletSettings = { ...DEFAULT_KUBELET_SETTINGS, ...options.configuration };
  const version = requireVersion(options.kubernetesVersion ?? DEFAULT_VERSION);
  const rootDirectory = path.resolve(options.rootDirectory ?? DEFAULT_ROOT_DIRECTORY);
  const podLogs = settings.podLogsDir ?? path.join(rootDirectory, 'logs', 'pods');
  return {
    ...options,
    settings,
    version,
    checkpointEnabled: gateEnabled(settings.featureGates, 'ContainerCheckpoint', version),
    nodeName: options.nodeName ?? hostname().toLowerCase(),
    rootDirectory,
    // If the kubelet must not write to its root directory, it keeps the files of its pods beside their logs.
    podPaths: { rootDirectory: options.unmanagedRootDirectory ? podLogs : rootDirectory, podLogs },
    clientAuthorities: options.clientAuthorities ?? [],
    requestTimeout: requestTimeout(settings),
    clock: options.clock ?? systemClock,
    podStartTimeoutMs: options.podStartTimeoutMs ?? POD_START_TIMEOUT_MS,
    warn: options.warn ?? (() => {}),
  };
}
