// The fake kubelet, started and stopped: endpoint, credentials, pods, and what they need.
import { hostname } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { chain } from '../base/chain';
import { type Clock, systemClock } from '../base/clock';
import type { CriWrapper } from '../base/cri-call';
import { Undo } from '../base/undo';
import type { Framing, HttpHandler } from '../go/net-http/connection';
import type { HttpWrapper } from '../go/net-http/exchange';
import { type ListenerOptions, startListener } from '../go/net-http/listener';
import { claimOf } from '../pki/client-certificate';
import { type Access, makeAccess } from './auth/access';
import { shownConfiguration } from './configuration/shown-configuration';
import { type Credentials, writeCredentials } from './credentials';
import { parseEndpoint, requireSocket } from './cri/endpoint';
import { RuntimeClient } from './cri/runtime-client';
import { askAtStart } from './cri/start-calls';
import { requireCriV1 } from './cri/version-check';
import { type Identity, makeIdentity } from './identity';
import { kubeletMetrics } from './metrics/kubelet-metrics';
import type { Stamp } from './naming';
import { type PodManager, startPods } from './pods/pod-manager';
import type { PodReport } from './pods/supervisor';
import { type HttpRecord, requestLog } from './request-log';
import { DEFAULT_ROOT_DIRECTORY, prepareRootDirectory } from './root-directory';
import { type RoutesContext, routes } from './routes';
import { DEFAULT_SETTINGS, type KubeletSettings, requestTimeout } from './settings';
import {
  DEFAULT_VERSION,
  gateEnabled,
  hasOpenRoute,
  healthChecks,
  ownPages,
  redirectStatus,
  requireVersion,
} from './versions';

export interface FakeKubeletOptions {
  /** CRI socket of the runtime: the only way to it. */
  readonly runtimeEndpoint: string;
  /** Where images are elsewhere. */
  readonly imageEndpoint?: string;
  /** Made where it is missing; checkpoints go into `checkpoints` under it. Default: as documented. */
  readonly rootDirectory?: string;
  /** Nothing is made under the root directory, and checkpoints fail where it is not there. */
  readonly leavesRootAlone?: true;
  readonly configuration?: Partial<KubeletSettings>;
  /** File that names the API server; needed where it is to be asked who somebody is or what they may do. */
  readonly kubeconfig?: string;
  /** PEM of authorities whose client certificates are taken, beside those of the configuration. */
  readonly clientAuthorities?: readonly string[];
  /** Default: the host's name. Stands behind the names of static pods. */
  readonly nodeName?: string;
  /** Whose defaults hold; default 1.36. */
  readonly kubernetesVersion?: string;
  /**
   * Around everything after TLS, the first one outermost. `user` is filled in where credentials fit;
   * what a wrapper passes on is believed.
   */
  readonly http?: readonly HttpWrapper[];
  /** What becomes of the bytes of every answer, framing included. */
  readonly framing?: Framing;
  /** What is agreed to in ALPN; default: nothing, as a kubelet. */
  readonly protocols?: readonly string[];
  /** Around every CRI call of the kubelet, the first one outermost. */
  readonly cri?: readonly CriWrapper[];
  readonly clock?: Clock;
  /** How the time stands in the name of an archive; default: RFC 3339 to the second, as a kubelet. */
  readonly stamp?: Stamp;
  /** Real time that the start waits for the pods to come up (ms); default 5000. */
  readonly podPatienceMs?: number;
  /** Before a review that failed is tried a second time (ms); default 500, as a kubelet has it. */
  readonly reviewPauseMs?: number;
  /** Told, in a sentence, what is wrong but does not stop the kubelet; default: nobody. */
  readonly warn?: (sentence: string) => void;
}

export interface FakeKubelet extends AsyncDisposable {
  /** `https://ADDRESS:PORT` */
  readonly url: string;
  /** `http://ADDRESS:PORT` of the read-only port, where there is one. */
  readonly readOnlyUrl: string | undefined;
  readonly credentials: Credentials;
  readonly rootDirectory: string;
  readonly nodeName: string;
  /** The latest exchanges, in the order of their ends. */
  readonly requests: readonly HttpRecord[];
  /** Pods and what became of their containers. */
  pods(): readonly PodReport[];
  /**
   * Takes up the pods of a manifest (YAML or JSON, one document or several), as if an API server had named them: without
   * the node's name behind theirs. Returns once they are up, or have been given their time. Throws UserError for what is
   * no pod, and for names that are taken.
   */
  addPod(manifest: string): Promise<readonly { readonly namespace: string; readonly name: string }[]>;
  /** Takes down a pod, of whatever source; false where there is none. Returns when it is down. */
  removePod(namespace: string, name: string): Promise<boolean>;
  /** Also takes down, through CRI, the pods that the kubelet made. Archives stay. */
  close(): Promise<void>;
}

const POD_PATIENCE_MS = 5000;
/** A runtime that does not answer what is asked at first keeps the start waiting so long at most (real time). */
const START_CALLS_MS = 2000;

/** An address that means every one of the machine is reached at its own. */
const REACHABLE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function originOf(scheme: string, address: string, port: number): string {
  const host = REACHABLE[address] ?? address;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Listens with these routes and wrappers; `access` is undefined on the read-only port. */
async function listen(
  place: Omit<ListenerOptions, 'answerFor'>,
  own: RoutesContext,
  wrappers: (buckets: ReadonlySet<string>) => readonly HttpWrapper[],
  access: { readonly authenticate: Access['authenticate']; readonly identity: Identity } | undefined,
) {
  const served = routes(own);
  const handle = chain(wrappers(served.buckets), served.handle);
  const answerFor = (socket: unknown): HttpHandler => {
    const claim =
      access && socket instanceof TLSSocket ? claimOf(socket, access.identity.bundle) : () => 'none' as const;
    return async ({ method, target, headers }, disconnect) => {
      const asks = access && served.asksWho({ method, target });
      const user = asks ? await access.authenticate(claim(), headers['authorization']) : undefined;
      return handle({
        method,
        target,
        headers,
        ...(user && { user }),
        get signal() {
          return disconnect.signal;
        },
      });
    };
  };
  return startListener({ ...place, answerFor });
}

type Started = Omit<FakeKubelet, 'close' | typeof Symbol.asyncDispose>;

async function start(options: FakeKubeletOptions, undo: Undo): Promise<Started> {
  const { runtimeEndpoint, imageEndpoint, kubernetesVersion = DEFAULT_VERSION, clock = systemClock } = options;
  const settings: KubeletSettings = { ...DEFAULT_SETTINGS, ...options.configuration };
  const nodeName = options.nodeName ?? hostname().toLowerCase();
  const rootDirectory = path.resolve(options.rootDirectory ?? DEFAULT_ROOT_DIRECTORY);
  const version = requireVersion(kubernetesVersion);
  const hasGate = gateEnabled(settings.featureGates, 'ContainerCheckpoint', version);
  const now = () => clock.now();
  const metrics = kubeletMetrics();
  const wrappers = [metrics.cri, ...(options.cri ?? [])];
  const runtime = new RuntimeClient({ runtimeEndpoint, imageEndpoint, wrappers, clock });
  undo.add(() => runtime.close());
  const timeout = requestTimeout(settings);
  const podLogs = settings.podLogsDir ?? path.join(rootDirectory, 'logs', 'pods');
  // What a kubelet keeps of its pods goes where their logs go, where the root directory is to be left alone.
  const places = { rootDirectory: options.leavesRootAlone ? podLogs : rootDirectory, podLogs };
  // The manifests are read first: what is wrong with them is said before anything is made.
  const pods: PodManager = await startPods({
    place: settings.staticPodPath ? path.resolve(settings.staticPodPath) : undefined,
    everySeconds: settings.fileCheckSeconds,
    nodeName,
    warn: options.warn ?? (() => {}),
    patienceMs: options.podPatienceMs ?? POD_PATIENCE_MS,
    worker: { runtime, places, requestTimeout: timeout, clock },
  });
  await requireCriV1(runtime, runtimeEndpoint, parseEndpoint(runtimeEndpoint), timeout);
  if (imageEndpoint) await requireSocket(imageEndpoint, parseEndpoint(imageEndpoint));
  const asked = askAtStart(runtime, { timeout, signal: AbortSignal.timeout(START_CALLS_MS) });

  const identity = await makeIdentity(settings, nodeName, options.clientAuthorities ?? []);
  const removeDirectories = options.leavesRootAlone
    ? async () => {}
    : await prepareRootDirectory(rootDirectory, hasGate);
  let isStarted = false;
  undo.add(() => (isStarted ? undefined : removeDirectories()));
  const { remove, ...credentials } = await writeCredentials(identity.certificates, identity.authority);
  undo.add(remove);
  const { token } = credentials;
  const { kubeconfig, reviewPauseMs } = options;
  const access = await makeAccess({ settings, kubeconfig, nodeName, version, clock, token, reviewPauseMs }, undo);
  undo.add(() => pods.close());

  const log = requestLog(clock);
  const { address, enableDebuggingHandlers } = settings;
  const around = (type: 'readwrite' | 'readonly') => (buckets: ReadonlySet<string>) => [
    log.wrapper,
    metrics.http(type, buckets),
    ...(options.http ?? []),
  ];
  const isOpen = hasOpenRoute(version);
  const context: RoutesContext = {
    checkpoints: {
      pods: pods.supervisor,
      runtime,
      rootDirectory,
      requestTimeout: timeout,
      clock,
      stamp: options.stamp,
      unsent: metrics.unsent,
    },
    pods: pods.supervisor,
    hasCheckpoint: hasGate && (isOpen || enableDebuggingHandlers),
    debugging: enableDebuggingHandlers ? 'on' : 'off',
    access,
    redirectStatus: redirectStatus(version),
    ownPages: ownPages(settings.featureGates, version),
    checks: healthChecks(version),
    metrics: metrics.text,
    configuration: () => shownConfiguration({ ...settings, port }, { runtimeEndpoint, imageEndpoint }),
  };
  const { framing, protocols } = options;
  const changed = { ...(framing && { framing }), ...(protocols && { protocols }) };
  const secure = { address, port: settings.port, tls: identity.tls(), now, ...changed };
  const listener = await listen(secure, context, around('readwrite'), { ...access, identity });
  undo.add(() => listener.close());
  const { port } = listener;
  identity.bundle.onChange(() => listener.setTls(identity.tls()));
  let readOnlyUrl: string | undefined;
  if (settings.readOnlyPort > 0) {
    const open: RoutesContext = {
      ...context,
      hasCheckpoint: hasGate && isOpen,
      debugging: 'absent',
      access: undefined,
    };
    const readOnly = await listen({ address, port: settings.readOnlyPort, now }, open, around('readonly'), undefined);
    undo.add(() => readOnly.close());
    readOnlyUrl = originOf('http', address, readOnly.port);
  }
  await asked;
  await pods.bringUp();
  isStarted = true;
  return {
    url: originOf('https', address, port),
    readOnlyUrl,
    credentials,
    rootDirectory,
    nodeName,
    requests: log.records,
    pods: () => pods.supervisor.report(),
    addPod: (manifest) => pods.add(manifest),
    removePod: (namespace, name) => pods.remove(namespace, name),
  };
}

/**
 * Starts a kubelet in front of a runtime; returns once it answers and its pods are up, or have been given their time.
 * Throws UserError for what a person can set right; then nothing is left running or on disk.
 */
export async function startFakeKubelet(options: FakeKubeletOptions): Promise<FakeKubelet> {
  const undo = new Undo();
  try {
    const started = await start(options, undo);
    const close = () => undo.run();
    return { ...started, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await undo.run();
    throw error;
  }
}
