// Opens the two ports of a kubelet: the HTTPS port, whose clients are authenticated, and the read-only port, which is
// open to all clients.
import { TLSSocket } from 'node:tls';
import { chain } from '../base/chain';
import type { HttpHandler } from '../go/net-http/connection';
import { type HttpListener, type ListenerOptions, startListener } from '../go/net-http/listener';
import type { ClientBundle } from '../pki/client-bundle';
import { claimOf } from '../pki/client-certificate';
import type { Access } from './auth/access';
import type { CheckpointContext } from './checkpoint';
import { configzDocument } from './configuration/configz';
import type { KubeletMetrics } from './metrics/kubelet-metrics';
import type { ResolvedOptions } from './options';
import type { PodSupervisor } from './pods/supervisor';
import type { RequestLog } from './request-log';
import { type RoutesContext, routes } from './routes';
import type { TlsIdentity } from './tls-identity';
import { checkpointRouteIsOpen, healthChecks, redirectStatus, statusPages } from './versions';

/** The parts of a kubelet that its ports serve. */
export interface ServedParts {
  readonly options: ResolvedOptions;
  readonly log: RequestLog;
  readonly metrics: KubeletMetrics;
  readonly pods: PodSupervisor;
  readonly checkpoints: CheckpointContext;
}

/** A port that accepts connections. */
export interface KubeletEndpoint {
  /** URL of the port: `https://ADDRESS:PORT`, or `http://ADDRESS:PORT` for the read-only port. */
  readonly url: string;
  close(): Promise<void>;
}

/** The loopback addresses that URLs contain instead of wildcard addresses, to which clients cannot connect. */
const CONNECTABLE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function urlOf(scheme: 'http' | 'https', address: string, port: number): string {
  const host = CONNECTABLE[address] ?? address;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Returns the part of the routes' context that is the same for both ports. */
function commonContext({ options, metrics, pods, checkpoints }: ServedParts) {
  const { settings, version } = options;
  return {
    pods,
    checkpoints,
    redirectStatus: redirectStatus(version),
    statusPages: statusPages(settings.featureGates, version),
    healthChecks: healthChecks(version),
    metrics: metrics.text,
  };
}

/**
 * Listens on a port.
 * @param clients authorities of client certificates; undefined if the port has no TLS
 */
function listen(
  { options, log, metrics }: ServedParts,
  context: RoutesContext,
  port: Pick<ListenerOptions, 'port' | 'tls' | 'framing' | 'protocols' | 'idleMs'>,
  clients?: ClientBundle,
): Promise<HttpListener> {
  const served = routes(context);
  const serverType = context.access ? 'readwrite' : 'readonly';
  const wrappers = [log.wrapper, metrics.http(serverType, served.pathLabels), ...(options.http ?? [])];
  const handle = chain(wrappers, served.handle);
  const answerFor = (socket: unknown): HttpHandler => {
    const claim = clients && socket instanceof TLSSocket ? claimOf(socket, clients) : () => 'none' as const;
    return async ({ method, target, headers }, disconnect) => {
      const needsUser = context.access && served.needsUser({ method, target });
      const user = needsUser ? await context.access.authenticate(claim(), headers['authorization']) : undefined;
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
  return startListener({ address: options.settings.address, now: () => options.clock.now(), ...port, answerFor });
}

/**
 * Opens the HTTPS port.
 * @param parts what the port serves
 * @param identity certificates of the server and the authorities of its clients
 * @param access how clients are authenticated and authorized
 * @returns the open port
 * @throws UserError if the kubelet cannot listen on the address and port
 */
export async function openSecureEndpoint(
  parts: ServedParts,
  identity: TlsIdentity,
  access: Access,
): Promise<KubeletEndpoint> {
  const { settings, version, checkpointEnabled, framing, protocols, idleConnectionMs, runtimeEndpoint, imageEndpoint } =
    parts.options;
  const context: RoutesContext = {
    ...commonContext(parts),
    hasCheckpoint: checkpointEnabled && (checkpointRouteIsOpen(version) || settings.enableDebuggingHandlers),
    debugging: settings.enableDebuggingHandlers ? 'on' : 'off',
    access,
    configuration: () => configzDocument({ ...settings, port: listener.port }, { runtimeEndpoint, imageEndpoint }),
  };
  const port = {
    port: settings.port,
    tls: identity.tls(),
    ...(framing && { framing }),
    ...(protocols && { protocols }),
    ...(idleConnectionMs !== undefined && { idleMs: idleConnectionMs }),
  };
  const listener = await listen(parts, context, port, identity.bundle);
  identity.bundle.onChange(() => listener.setTls(identity.tls()));
  return { url: urlOf('https', settings.address, listener.port), close: () => listener.close() };
}

/**
 * Opens the read-only port: plain HTTP without authentication.
 * @param parts what the port serves
 * @returns the open port; undefined if the settings disable it
 * @throws UserError if the kubelet cannot listen on the address and port
 */
export async function openReadOnlyEndpoint(parts: ServedParts): Promise<KubeletEndpoint | undefined> {
  const { settings, version, checkpointEnabled } = parts.options;
  if (settings.readOnlyPort <= 0) return undefined;
  const context: RoutesContext = {
    ...commonContext(parts),
    hasCheckpoint: checkpointEnabled && checkpointRouteIsOpen(version),
    debugging: 'absent',
    access: undefined,
  };
  const listener = await listen(parts, context, { port: settings.readOnlyPort });
  return { url: urlOf('http', settings.address, listener.port), close: () => listener.close() };
}
