// Starts and stops the fake API server. It has only the parts that kubelets and their clients need.
import { rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { boundedBody } from '../base/bounded-body';
import { chain } from '../base/chain';
import { privateDirectory } from '../base/private-directory';
import { UserError } from '../base/user-error';
import type { HttpRequest, HttpWrapper } from '../go/net-http/exchange';
import { limitHandshakes } from '../go/net-http/handshakes';
import { type CertificateUser, type KeyPair, makeCertificates } from '../pki/certificates';
import { ClientBundle } from '../pki/client-bundle';
import { claimOf } from '../pki/client-certificate';
import type { ProxiedNode } from './node-proxy';
import type { Policy } from './policy';
import type { SeenReview } from './reviews';
import { type ApiState, answer, MAX_BODY_BYTES, type ReviewMode, requestUser } from './routes';

/** Options of a fake API server. */
export interface FakeApiServerOptions {
  /** The address on which the server listens. Default: 127.0.0.1. */
  readonly address?: string;
  /** The port on which the server listens. Default: 0, any free port. */
  readonly port?: number;
  /** The tokens and permissions. Default: no tokens, and permissions only for system:masters. */
  readonly policy?: Policy;
  /**
   * The user in the API server's certificate for kubelets. Default: the user in the policy, or a user in
   * system:masters.
   */
  readonly kubeletClient?: CertificateUser;
  /** Interceptors of every request; the first one is outermost. */
  readonly http?: readonly HttpWrapper[];
}

/** A running fake API server. */
export interface FakeApiServer extends AsyncDisposable {
  readonly url: string;
  /** Paths of kubeconfig files for a user in system:masters, and for a node. */
  readonly kubeconfig: string;
  readonly nodeKubeconfig: string;
  /** PEM of the certificate authority. A kubelet that trusts it accepts the clients of this server. */
  readonly authority: string;
  /** Path of the file that contains `authority`. */
  readonly certificateAuthority: string;
  /** The received reviews, in their order. */
  readonly reviews: readonly SeenReview[];
  /** How the server responds to later reviews. */
  mode: ReviewMode;
  policy: Policy;
  /** Makes a kubelet reachable under the name of its node. */
  addNode(name: string, node: ProxiedNode): void;
  /** Stops the server and removes its files. */
  close(): Promise<void>;
}

const NODE_USER: CertificateUser = { name: 'system:node:fake', groups: ['system:nodes'] };
const KUBELET_CLIENT: CertificateUser = { name: 'kube-apiserver-kubelet-client', groups: ['system:masters'] };
/** Maximum size of the headers, bytes: the limit of real API servers. */
const MAX_HEADER_BYTES = 1024 * 1024;

function kubeconfig(url: string, authority: string, { certificate, key }: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
      clusters: [{ name: 'fake', cluster: { server: url, 'certificate-authority-data': base64(authority) } }],
      users: [
        {
          name: 'fake',
          user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
        },
      ],
    },
    undefined,
    2,
  )}\n`;
}

function headersOf({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** Handles one request. If there is no response, closes the connection. */
async function serve(
  state: ApiState,
  tools: { readonly bundle: ClientBundle; readonly agent: https.Agent; readonly wrappers: readonly HttpWrapper[] },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  outgoing.once('close', () => abort.abort());
  try {
    const body = await boundedBody(incoming, MAX_BODY_BYTES);
    const headers = headersOf(incoming);
    const claim = incoming.socket instanceof TLSSocket ? claimOf(incoming.socket, tools.bundle)() : 'none';
    const certificate = typeof claim === 'object' ? claim.user : undefined;
    const user = claim === 'bad' ? undefined : requestUser(state.policy, certificate, headers['authorization']);
    const request: HttpRequest = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      headers,
      signal: abort.signal,
      ...(user && { user }),
    };
    const response = await chain(tools.wrappers, (passed) => answer(state, passed, body, tools.agent))(request);
    outgoing.writeHead(response.status, response.headers.flat());
    outgoing.end(response.body);
  } catch {
    // Close the connection through the response, because the request may no longer have a socket.
    outgoing.destroy();
  }
}

/**
 * Starts an API server.
 * @param options address, policy and interceptors
 * @returns the server, which is then ready for requests
 * @throws UserError if the address or the port cannot be used
 */
export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const { address = '127.0.0.1', port = 0 } = options;
  const kubeletClient = options.kubeletClient ?? options.policy?.kubeletClient ?? KUBELET_CLIENT;
  const certificates = await makeCertificates([address, '127.0.0.1', '::1', 'localhost'], [kubeletClient, NODE_USER]);
  const { authority, serving, client, others } = certificates;
  const [toKubelets = client, node = client] = others;
  // Use new connections: a kubelet may close an idle connection at any time, and a request on it would fail.
  const agent = new https.Agent({ keepAlive: false, cert: toKubelets.certificate, key: toKubelets.key });
  const state: ApiState = {
    mode: 'ok',
    policy: options.policy ?? { tokens: [], rules: [] },
    nodes: new Map(),
    reviews: [],
  };
  const tools = { bundle: new ClientBundle([authority], undefined), agent, wrappers: options.http ?? [] };
  const server = https.createServer(
    {
      cert: serving.certificate,
      key: serving.key,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: false,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (incoming, outgoing) => void serve(state, tools, incoming, outgoing),
  );
  limitHandshakes(server, server);
  server.on('tlsClientError', (_, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UserError(`${address}:${port} cannot be listened on (${error.code}): choose another address or port.`),
      ),
    );
    server.listen(port, address, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const url = `https://${address.includes(':') ? `[${address}]` : address}:${bound}`;
  const directory = await privateDirectory('api-server');
  const write = async (name: string, text: string) => {
    const file = path.join(directory, name);
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return file;
  };
  const close = async () => {
    agent.destroy();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await rm(directory, { recursive: true, force: true });
  };
  return {
    url,
    authority,
    kubeconfig: await write('admin.kubeconfig', kubeconfig(url, authority, client)),
    nodeKubeconfig: await write('node.kubeconfig', kubeconfig(url, authority, node)),
    certificateAuthority: await write('ca.crt', authority),
    reviews: state.reviews,
    get mode() {
      return state.mode;
    },
    set mode(mode) {
      state.mode = mode;
    },
    get policy() {
      return state.policy;
    },
    set policy(policy) {
      state.policy = policy;
    },
    addNode: (name, proxied) => void state.nodes.set(name, proxied),
    close,
    [Symbol.asyncDispose]: close,
  };
}
