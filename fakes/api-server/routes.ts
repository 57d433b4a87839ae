// What the fake API server answers: reviews, the way to nodes, and what clients look at before they trust a server.
import type https from 'node:https';
import type { HttpRequest, HttpResponse, UserInfo } from '../go/net-http/exchange';
import { unescapeUrl } from '../go/url';
import { withAuthenticatedGroup } from '../pki/users';
import { nodeNameIn, type ProxiedNode, passOn } from './node-proxy';
import { allows, holderOf, type Policy } from './policy';
import { resourceIn } from './resource-path';
import { ACCESS_REVIEWS, answerReview, type SeenReview, TOKEN_REVIEWS } from './reviews';
import {
  apiForbidden,
  apiUnauthorized,
  badRequest,
  document,
  internalError,
  methodNotAllowed,
  noNode,
  notFound,
} from './status';

/** How the reviews are answered. */
export type ReviewMode = 'ok' | 'down' | 'hang' | 'nonsense';

/** Everything that can be changed while it runs. */
export interface ApiState {
  mode: ReviewMode;
  policy: Policy;
  readonly nodes: Map<string, ProxiedNode>;
  readonly reviews: SeenReview[];
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const GROUP_OF: Readonly<Record<string, string>> = {
  [TOKEN_REVIEWS]: 'authentication.k8s.io',
  [ACCESS_REVIEWS]: 'authorization.k8s.io',
};
/** What is kept of reviews. */
const MAX_REVIEWS = 10_000;

/** Who asks: a certificate, a token, nobody in particular; undefined: wrong credentials. */
export function whoAsks(
  policy: Policy,
  certificate: UserInfo | undefined,
  authorization: string | undefined,
): UserInfo | undefined {
  if (certificate) return withAuthenticatedGroup(certificate);
  const [, token] = /^bearer +(\S+)/i.exec(authorization ?? '') ?? [];
  if (token === undefined) return ANONYMOUS;
  const holder = holderOf(policy, token);
  return holder && withAuthenticatedGroup(holder);
}

async function review(state: ApiState, request: HttpRequest, url: string, body: Buffer): Promise<HttpResponse> {
  if (request.method !== 'POST') return methodNotAllowed;
  if (state.reviews.length >= MAX_REVIEWS) state.reviews.splice(0, MAX_REVIEWS / 2);
  const answer = answerReview(state.policy, url, body, state.reviews);
  if (state.mode === 'down') return internalError;
  if (state.mode === 'nonsense') return { status: 200, headers: [['Content-Type', 'text/html']], body: '<html>' };
  if (state.mode === 'hang') {
    await new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  return answer;
}

/**
 * What is not here: who may not ask for it learns no more than that. A kubelet that was told that its CSINode is not found
 * would try to make it, and end itself when it cannot.
 */
function absent({ policy }: ApiState, user: UserInfo, verb: string, url: string): HttpResponse {
  const asked = resourceIn(url);
  if (asked === undefined) return notFound;
  const { group, resource, name } = asked;
  const exact = verb === 'get' && name === '' ? 'list' : verb;
  return allows(policy, user, { verb: exact, resource, name })
    ? notFound
    : apiForbidden(user.name, exact, resource, name, group);
}

/** Answers a request whose user is known. */
export async function answer(
  state: ApiState,
  request: HttpRequest,
  body: Buffer,
  agent: https.Agent,
): Promise<HttpResponse> {
  const { method, target, user } = request;
  if (!user) return apiUnauthorized;
  const [url = ''] = target.split('?');
  if (/^\/(healthz|livez|readyz)$/.test(url))
    return { status: 200, headers: [['Content-Type', 'text/plain']], body: 'ok' };
  if (url === '/version') return document(200, { major: '1', minor: '36', gitVersion: 'v1.36.2' });
  const verb = VERBS[method] ?? method.toLowerCase();
  const group = GROUP_OF[url];
  if (group !== undefined) {
    const resource = url === TOKEN_REVIEWS ? 'tokenreviews' : 'subjectaccessreviews';
    if (!allows(state.policy, user, { verb, resource, name: '' }))
      return apiForbidden(user.name, verb, resource, '', group);
    return review(state, request, url, body);
  }
  const [, segment = '', rest = ''] = /^\/api\/v1\/nodes\/([^/?]+)\/proxy(\/?.*)$/s.exec(target) ?? [];
  if (segment === '') return absent(state, user, verb, url);
  const decoded = unescapeUrl(segment);
  if (decoded === undefined) return badRequest(`invalid URL escape in ${JSON.stringify(segment)}`);
  const name = nodeNameIn(decoded);
  if (!allows(state.policy, user, { verb, resource: 'nodes/proxy', name })) {
    return apiForbidden(user.name, verb, 'nodes/proxy', name, '');
  }
  const node = state.nodes.get(name);
  if (!node) return noNode(name);
  const inner = rest.startsWith('/') ? rest : `/${rest}`;
  return passOn(node, { prefix: `/api/v1/nodes/${segment}/proxy`, target: inner }, request, body, agent);
}
