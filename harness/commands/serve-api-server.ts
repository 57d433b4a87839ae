// The fake API server beside a served kubelet: each knows the other.
import fs from 'node:fs/promises';
import { readPolicy } from '../../fakes/api-server/read-policy';
import { type FakeApiServer, startFakeApiServer } from '../../fakes/api-server/server';
import type { FakeKubelet } from '../../fakes/kubelet/server';
import type { AskedKubelet } from './kubelet-flags';

export interface ServedApiServer extends AsyncDisposable {
  readonly server: FakeApiServer;
  readonly facts: Record<string, string>;
  /** Makes the kubelet reachable through it, and its token known to it. */
  join(kubelet: FakeKubelet): Promise<void>;
}

/** Whom the token of a served kubelet names. */
const TOKEN_USER = { name: 'admin', groups: ['system:masters'] };

/** Starts it. Throws UserError for a policy that cannot be read. */
export async function serveApiServer(flags: { readonly apiServerPolicy?: string }): Promise<ServedApiServer> {
  const policy = flags.apiServerPolicy === undefined ? undefined : await readPolicy(flags.apiServerPolicy);
  const server = await startFakeApiServer(policy ? { policy } : {});
  return {
    server,
    facts: {
      apiServer: server.url,
      apiServerCertificateAuthority: server.certificateAuthority,
      kubeconfig: server.kubeconfig,
    },
    async join({ nodeName, url, credentials }) {
      server.addNode(nodeName, { url, authority: await fs.readFile(credentials.certificateAuthority, 'utf8') });
      const { tokens, rules } = server.policy;
      server.policy = { tokens: [...tokens, { token: credentials.token, user: TOKEN_USER }], rules };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A kubelet that asks the API server and takes its clients; a configuration file has its own word on asking. */
export function besideApiServer(asked: AskedKubelet, { server }: ServedApiServer, hasFile: boolean): AskedKubelet {
  const asks = hasFile ? {} : ({ webhookAuthentication: true, authorization: 'Webhook' } as const);
  return {
    ...asked,
    options: {
      ...asked.options,
      kubeconfig: server.nodeKubeconfig,
      clientAuthorities: [server.authority],
      configuration: { ...asks, ...asked.options.configuration },
    },
  };
}
