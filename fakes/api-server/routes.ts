// Handles the paths of the fake API server: reviews, the proxy to nodes, and the paths that clients check when they
// connect.
import type https from 'node:https';
import type { HttpRequest, HttpResponse, UserInfo } from '../go/net-http/exchange';
import { unescapeUrl } from '../go/url';
import { withAuthenticatedGroup } from '../pki/users';
import { forward, nodeNameIn, type ProxiedNode } from './node-proxy';
import { allows, type Policy, userOfToken } from './policy';
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
  tooLarge,
} from './status';

/** How the server responds to reviews: normally, with an error, never, or with an invalid response. */
export type ReviewMode = 'ok' | 'down' | 'hang' | 'nonsense';

/** The state that can be changed while the server runs. */
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
/** Maximum size of a body, bytes: the limit of real API servers. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Maximum number of recorded reviews. */
const MAX_REVIEWS = 10_000;

/**
 * Returns the user of a request: from its certificate or token, or the anonymous user. Returns undefined for invalid
 * credentials.
 */
export function requestUser(
  policy: Policy,
  certificate: UserInfo | undefined,
  authorization: string | undefined,
): UserInfo | undefined {
  if (certificate) return withAuthenticatedGroup(certificate);
  const [, token] = /^bearer +(\S+)/i.exec(authorization ?? '') ?? [];
  if (token === undefined) return ANONYMOUS;
  const holder = userOfToken(policy, token);
  return holder && withAuthenticatedGroup(holder);
}

async function review(
  state: ApiState,
  request: HttpRequest,
  url: string,
  body: Buffer | undefined,
): Promise<HttpResponse> {
  if (request.method !== 'POST') return methodNotAllowed;
  if (!body) return tooLarge(MAX_BODY_BYTES);
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
 * Returns the response for a resource that this server does not have. Users without permission get 403 instead of 404.
 * If a kubelet got 404 for its CSINode, it would try to create the CSINode and would exit when that fails.
 */
function absent({ policy }: ApiState, user: UserInfo, verb: string, url: string): HttpResponse {
  const requested = resourceIn(url);
  if (requested === undefined) return notFound;
  const { group, resource, name } = requested;
  const exact = verb === 'get' && name === '' ? 'list' : verb;
  return allows(policy, user, { verb: exact, resource, name })
    ? notFound
    : apiForbidden(user.name, exact, resource, name, group);
}

/**
 * Handles a request of an authenticated user.
 * @param body the body; undefined if it is longer than the limit
 */
export async function answer(
  state: ApiState,
  request: HttpRequest,
  body: Buffer | undefined,
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
  if (!body) return tooLarge(MAX_BODY_BYTES);
  const inner = rest.startsWith('/') ? rest : `/${rest}`;
  return forward(node, { prefix: `/api/v1/nodes/${segment}/proxy`, target: inner }, request, body, agent);
}
