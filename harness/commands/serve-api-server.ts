// Serves the fake API server together with a kubelet, and connects them to each other.
import fs from 'node:fs/promises';
import net from 'node:net';
import { readPolicy } from '../../fakes/api-server/read-policy';
import { type FakeApiServer, startFakeApiServer } from '../../fakes/api-server/server';
import type { HttpWrapper } from '../../fakes/go/net-http/exchange';
import type { FakeKubelet } from '../../fakes/kubelet/server';
import type { RequestedKubelet } from './kubelet-flags';

export interface ServedApiServer extends AsyncDisposable {
  readonly server: FakeApiServer;
  readonly facts: Record<string, string>;
  /**
   * Makes the kubelet reachable through the API server, and makes the kubelet's token valid at the API server.
   *
   * @param faults faults between the API server and the kubelet
   */
  join(kubelet: FakeKubelet, faults: HttpWrapper | undefined): Promise<void>;
}

/** The user of a served kubelet's token. */
const TOKEN_USER = { name: 'admin', groups: ['system:masters'] };

/**
 * Starts the API server on the loopback address, IPv4 or IPv6 as for the kubelet.
 *
 * @throws UserError if the policy file cannot be read
 */
export async function serveApiServer(flags: {
  readonly apiServerPolicy?: string;
  readonly address?: string;
}): Promise<ServedApiServer> {
  const policy = flags.apiServerPolicy === undefined ? undefined : await readPolicy(flags.apiServerPolicy);
  let faulty: HttpWrapper = (request, next) => next(request);
  const server = await startFakeApiServer({
    ...(policy && { policy }),
    ...(net.isIPv6(flags.address ?? '') && { address: '::1' }),
    http: [(request, next) => faulty(request, next)],
  });
  return {
    server,
    facts: {
      apiServer: server.url,
      apiServerCertificateAuthority: server.certificateAuthority,
      kubeconfig: server.kubeconfig,
    },
    async join({ nodeName, url, credentials }, faults) {
      faulty = faults ?? faulty;
      server.addNode(nodeName, { url, authority: await fs.readFile(credentials.certificateAuthority, 'utf8') });
      const known = server.policy;
      server.policy = { ...known, tokens: [...known.tokens, { token: credentials.token, user: TOKEN_USER }] };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/**
 * Configures a kubelet to ask the API server and to accept its client certificates.
 *
 * @param hasFile whether the kubelet has a configuration file. If so, the file determines whether the kubelet asks the
 * API server
 */
export function withApiServer(
  requested: RequestedKubelet,
  { server }: ServedApiServer,
  hasFile: boolean,
): RequestedKubelet {
  const asks = hasFile ? {} : ({ webhookAuthentication: true, authorization: 'Webhook' } as const);
  return {
    ...requested,
    options: {
      ...requested.options,
      kubeconfig: server.nodeKubeconfig,
      clientAuthorities: [server.authority],
      configuration: { ...asks, ...requested.options.configuration },
    },
  };
}
