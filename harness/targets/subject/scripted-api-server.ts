// Runs the API server for the suite's kubelets. Specs can create users with permissions and make reviews fail.
import { type FakeApiServer, startFakeApiServer } from '../../../fakes/api-server/server';
import type { HttpWrapper } from '../../../fakes/go/net-http/exchange';
import type { ApiServer, ClusterUser, ReviewKind, SeenReview, UserOptions } from '../../../specs/subject/access';
import type { Credentials, HttpAnswer, HttpQuery } from '../../../specs/subject/http';
import { KubeletClient } from '../../clients/kubelet-client';
import type { IssueCertificate } from './client-authority';

const KINDS: Readonly<Record<string, ReviewKind>> = {
  '/apis/authentication.k8s.io/v1/tokenreviews': 'TokenReview',
  '/apis/authorization.k8s.io/v1/subjectaccessreviews': 'SubjectAccessReview',
};
/**
 * The permissions of the ClusterRole system:kubelet-api-admin, from kubernetes/kubernetes
 * plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go.
 */
const KUBELET_API_ADMIN = {
  users: ['ckptest:kubelet-api-admin'],
  verbs: ['*'],
  resources: [
    'nodes/proxy',
    'nodes/metrics',
    'nodes/stats',
    'nodes/log',
    'nodes/configz',
    'nodes/healthz',
    'nodes/pods',
  ],
};
const ADMIN = { token: 'ckptest-cluster-admin', user: { name: 'ckptest:admin', groups: ['system:masters'] } };

const INTERNAL_ERROR = { status: 500, headers: [], body: 'made up: the API server fails' };

/** The URL of a kubelet, and the PEM certificate of its authority. */
interface KubeletAddress {
  readonly url: string;
  readonly authority: string;
}

const specIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'spec' in body ? body.spec : undefined;

export class ScriptedApiServer implements AsyncDisposable {
  #userCount = 0;
  readonly #clients: KubeletClient[];

  private constructor(
    readonly master: FakeApiServer,
    readonly limited: FakeApiServer,
    readonly failing: Set<ReviewKind>,
  ) {
    this.#clients = [master, limited].map(
      ({ url, certificateAuthority }) => new KubeletClient({ url, certificateAuthority, token: ADMIN.token }),
    );
  }

  static async start(): Promise<ScriptedApiServer> {
    const failing = new Set<ReviewKind>();
    const fail: HttpWrapper = async (request, next) => {
      const kind = KINDS[request.target];
      return kind !== undefined && failing.has(kind) ? INTERNAL_ERROR : next(request);
    };
    const policy = { tokens: [ADMIN], rules: [KUBELET_API_ADMIN] };
    const master = await startFakeApiServer({ policy, http: [fail] });
    const [name = ''] = KUBELET_API_ADMIN.users;
    const limited = await startFakeApiServer({ policy, kubeletClient: { name, groups: [] } }).catch(async (error) => {
      await master.close();
      throw error;
    });
    return new ScriptedApiServer(master, limited, failing);
  }

  /** Path of the kubeconfig for kubelets. */
  get kubeconfig(): string {
    return this.master.nodeKubeconfig;
  }

  /** PEM certificates of the authorities that issue the client certificates of the API servers. */
  get authorities(): readonly string[] {
    return [this.master.authority, this.limited.authority];
  }

  /** Returns the interface to the API server for the specs of one node. */
  forNode(nodeName: string, place: KubeletAddress, issue: IssueCertificate): ApiServer {
    for (const server of [this.master, this.limited]) server.addNode(nodeName, place);
    return {
      nodeName,
      newUser: (options = {}) => this.#newUser(options, issue),
      reviewsDuring: (action) => this.#reviewsDuring(action),
      whileFailing: (kind, action) => this.#whileFailing(kind, action),
      proxied: (query, as = 'master') => this.#proxied(nodeName, query, as),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await Promise.all([this.master.close(), this.limited.close()]);
  }

  #newUser({ groups = [], permissions = [], tokenExpired }: UserOptions, issue: IssueCertificate): ClusterUser {
    const name = `ckptest:user-${++this.#userCount}`;
    const token = `ckptest-token-${this.#userCount}`;
    const user = { name, groups };
    for (const server of [this.master, this.limited]) {
      const { tokens, rules } = server.policy;
      server.policy = {
        tokens: [...tokens, { token, user, ...(tokenExpired && { expired: true }) }],
        rules: [...rules, ...permissions.map(({ verbs, resources }) => ({ users: [name], verbs, resources }))],
      };
    }
    const certificate = (): Promise<Credentials> => issue({ name, groups });
    return { name, groups, token: { token }, certificate };
  }

  async #reviewsDuring(action: () => Promise<unknown>): Promise<readonly SeenReview[]> {
    const last = this.master.reviews.at(-1);
    await action();
    const { reviews } = this.master;
    const since = last === undefined ? reviews : reviews.slice(reviews.lastIndexOf(last) + 1);
    return since.flatMap(({ url, body }) => {
      const kind = KINDS[url];
      return kind === undefined ? [] : [{ kind, spec: specIn(body) }];
    });
  }

  async #whileFailing<T>(kind: ReviewKind, action: () => Promise<T>): Promise<T> {
    this.failing.add(kind);
    try {
      return await action();
    } finally {
      this.failing.delete(kind);
    }
  }

  async #proxied(nodeName: string, query: HttpQuery, as: 'master' | 'kubelet-api-admin'): Promise<HttpAnswer> {
    const client = this.#clients[as === 'master' ? 0 : 1];
    if (!client) throw new Error('there is no such API server');
    return await client.request({ ...query, target: `/api/v1/nodes/${nodeName}/proxy${query.target}` });
  }
}
