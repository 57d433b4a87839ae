// The fake kubelet, started and stopped: endpoint, credentials, pods, and what they need.
import { hostname } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '../clock';
import { UserError } from '../user-error';
import { type CriWrapper, chain, type HttpRequest, type HttpResponse, type HttpWrapper } from '../wires';
import { type Authenticator, authenticator, certificateClaim } from './auth';
import { makeCertificates } from './certificates';
import { type Credentials, writeCredentials } from './credentials';
import { parseEndpoint, requireSocket } from './cri/endpoint';
import { RuntimeClient } from './cri/runtime-client';
import { requireCriV1 } from './cri/version-check';
import type { Answer } from './http/connection';
import { type ListenerOptions, startListener } from './http/listener';
import { readStaticPods } from './pods/static-pods';
import { PodSupervisor } from './pods/supervisor';
import { type HttpRecord, requestLog } from './request-log';
import { prepareRootDirectory } from './root-directory';
import { type RoutesContext, routes } from './routes';
import { readClientAuthorities, servingKeyPair } from './serving-certificate';
import {
  DEFAULT_SETTINGS,
  DEFAULT_VERSION,
  gateEnabled,
  type KubeletSettings,
  minorVersion,
  requestTimeout,
} from './settings';
import { Undo } from './undo';

export interface FakeKubeletOptions {
  /** CRI socket of the runtime: the only way to it. */
  readonly runtimeEndpoint: string;
  /** Where images are elsewhere. */
  readonly imageEndpoint?: string;
  /** Made where it is missing; checkpoints go into `checkpoints` under it. */
  readonly rootDirectory: string;
  readonly configuration?: Partial<KubeletSettings>;
  /** Default: the host's name. Stands behind the names of static pods. */
  readonly nodeName?: string;
  /** Whose defaults hold; default 1.36. */
  readonly kubernetesVersion?: string;
  /**
   * Around everything after TLS, the first one outermost. `user` is filled in where credentials fit;
   * what a wrapper passes on is believed.
   */
  readonly http?: readonly HttpWrapper[];
  /** Around every CRI call of the kubelet, the first one outermost. */
  readonly cri?: readonly CriWrapper[];
  readonly clock?: Clock;
  /** Real time that the start waits for the pods to come up (ms); default 5000. */
  readonly podPatienceMs?: number;
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
  /** Also takes down, through CRI, the pods that the kubelet made. Archives stay. */
  close(): Promise<void>;
}

const POD_PATIENCE_MS = 5000;

/** An address that means every one of the machine is reached at its own. */
const REACHABLE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function originOf(scheme: string, address: string, port: number): string {
  const host = REACHABLE[address] ?? address;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Answers on connections: who asks is found once per connection, from its certificate. */
function answers(handle: (request: HttpRequest) => Promise<HttpResponse>, authenticate: Authenticator) {
  return (socket: unknown): Answer => {
    const claim = socket instanceof TLSSocket ? certificateClaim(socket) : 'none';
    return ({ method, target, headers }, signal) => {
      const user = authenticate(claim, headers['authorization']);
      return handle({ method, target, headers, signal, ...(user && { user }) });
    };
  };
}

/** What the endpoint and its clients show each other. */
async function makeIdentity(settings: KubeletSettings, nodeName: string) {
  const names = new Set([settings.address, '127.0.0.1', '::1', 'localhost', nodeName]);
  const certificates = await makeCertificates([...names]);
  const serving = await servingKeyPair(settings, certificates);
  const authority = serving === certificates.serving ? certificates.authority : serving.certificate;
  const clientAuthorities = await readClientAuthorities(settings, certificates);
  return { tls: { ...serving, clientAuthorities }, certificates, authority };
}

async function start(
  options: FakeKubeletOptions,
  undo: Undo,
): Promise<Omit<FakeKubelet, 'close' | typeof Symbol.asyncDispose>> {
  const { runtimeEndpoint, imageEndpoint, kubernetesVersion = DEFAULT_VERSION, clock = systemClock } = options;
  const settings: KubeletSettings = { ...DEFAULT_SETTINGS, ...options.configuration };
  const nodeName = options.nodeName ?? hostname().toLowerCase();
  const rootDirectory = path.resolve(options.rootDirectory);
  const minor = minorVersion(kubernetesVersion);
  if (minor === undefined) {
    throw new UserError(`${kubernetesVersion} is no version of Kubernetes: give one such as ${DEFAULT_VERSION}.`);
  }
  const hasGate = gateEnabled(settings, 'ContainerCheckpoint', minor);
  const now = () => clock.now();
  const pods = settings.staticPodPath
    ? await readStaticPods(path.resolve(settings.staticPodPath), { nodeName, now: now() })
    : [];

  const runtime = new RuntimeClient({ runtimeEndpoint, imageEndpoint, wrappers: options.cri ?? [], clock });
  undo.add(() => runtime.close());
  const timeout = requestTimeout(settings);
  await requireCriV1(runtime, runtimeEndpoint, parseEndpoint(runtimeEndpoint), timeout);
  if (imageEndpoint) await requireSocket(imageEndpoint, parseEndpoint(imageEndpoint));

  const { tls, certificates, authority } = await makeIdentity(settings, nodeName);
  const removeDirectories = await prepareRootDirectory(rootDirectory, hasGate);
  let isStarted = false;
  undo.add(() => (isStarted ? undefined : removeDirectories()));
  const { remove, ...credentials } = await writeCredentials(certificates, authority);
  undo.add(remove);

  const places = { rootDirectory, podLogs: settings.podLogsDir ?? path.join(rootDirectory, 'logs', 'pods') };
  const supervisor = new PodSupervisor(pods, { runtime, places, requestTimeout: timeout, clock });
  undo.add(() => supervisor.close());
  const context: RoutesContext = {
    checkpoints: { pods: supervisor, runtime, rootDirectory, requestTimeout: timeout, clock },
    pods: supervisor,
    hasCheckpoint: hasGate && settings.enableDebuggingHandlers,
    needsCredentials: true,
  };
  const log = requestLog(clock);
  const { address, port, readOnlyPort, anonymous } = settings;
  const listen = async (
    own: RoutesContext,
    authenticate: Authenticator,
    place: Pick<ListenerOptions, 'port' | 'tls'>,
  ) => {
    const handle = chain([log.wrapper, ...(options.http ?? [])], routes(own));
    const listener = await startListener({ address, now, answerFor: answers(handle, authenticate), ...place });
    undo.add(() => listener.close());
    return originOf(place.tls ? 'https' : 'http', address, listener.port);
  };
  const url = await listen(context, authenticator({ token: credentials.token, anonymous }), { port, tls });
  const readOnly: RoutesContext = { ...context, hasCheckpoint: false, needsCredentials: false };
  const readOnlyUrl = readOnlyPort > 0 ? await listen(readOnly, () => undefined, { port: readOnlyPort }) : undefined;
  await supervisor.start(options.podPatienceMs ?? POD_PATIENCE_MS);
  isStarted = true;
  return { url, readOnlyUrl, credentials, rootDirectory, nodeName, requests: log.records };
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
