// Defines kubelets that authorize users wrongly, or that send wrong reviews to the API server.
import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse, HttpWrapper, UserInfo } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { changeRequest, changeResponse, isCheckpoint, status, success } from '../../effects/http-effects';
import { settings } from '../../effects/kubelet-effects';

const UNKNOWN_NAME = /does not exist$/;
const FORBIDDEN = /^Forbidden/;
const REVIEW_FAILED = /^Authorization error/;

/** Returns a user with all permissions. A random value prevents the caching of decisions about this user. */
const master = (): UserInfo => ({ name: 'admin', groups: ['system:masters'], extra: { nonce: [randomUUID()] } });

/** Returns whether a user is authenticated and not a member of system:masters. */
const isOrdinaryUser = ({ user }: HttpRequest) =>
  user?.groups.includes('system:authenticated') === true && !user.groups.includes('system:masters');

/**
 * Makes an interceptor that authorizes another request instead of the request that is served. The other request must
 * have no effect.
 */
const authorizeAs =
  (change: (request: HttpRequest) => HttpRequest): HttpWrapper =>
  async (request, next) => {
    if (!isCheckpoint(request) || !request.user) return next(request);
    const judged = await next(change(request));
    return FORBIDDEN.test(judged.body) || REVIEW_FAILED.test(judged.body)
      ? judged
      : next({ ...request, user: master() });
  };

/** Makes an interceptor that changes the user of authenticated requests. */
const user = (change: (user: UserInfo) => UserInfo): HttpWrapper =>
  changeRequest((request) => (request.user ? { ...request, user: change(request.user) } : request));

const forbidden: HttpResponse = { status: 403, headers: [], body: 'Forbidden\n' };

const authorization = {
  'kubelet-authorization-skipped': ['Lets every authenticated user do everything', () => ({ http: user(master) })],
  'kubelet-refuses-everybody': [
    'Refuses every user who is not in system:masters',
    () => ({
      http: async (request, next) => (isCheckpoint(request) && isOrdinaryUser(request) ? forbidden : next(request)),
    }),
  ],
  'kubelet-asks-permission-to-get': [
    "Checks the permission for get instead of the one for the request's method",
    () => ({ http: authorizeAs((request) => ({ ...request, method: 'GET' })) }),
  ],
  'kubelet-asks-permission-to-proxy': [
    'Checks the permission for nodes/proxy instead of nodes/checkpoint',
    () => ({ http: authorizeAs((request) => ({ ...request, target: '/runningpods/' })) }),
  ],
  'kubelet-method-before-authorization': [
    "Refuses a wrong method before it checks the user's permission",
    () => ({
      http: changeRequest((request) => (request.method === 'POST' ? request : { ...request, user: master() })),
    }),
  ],
  'kubelet-lookup-before-authorization': [
    'Reveals to users without permission which pods exist',
    () => ({
      http: async (request, next) => {
        if (!isCheckpoint(request) || !isOrdinaryUser(request)) return next(request);
        // Use an invalid timeout, which ends the request after the lookup.
        const target = `${request.target}?timeout=none`;
        const lookup = await next({ ...request, target, method: 'POST', user: master() });
        return UNKNOWN_NAME.test(lookup.body) ? lookup : next(request);
      },
    }),
  ],
} satisfies DeviationTable;

const responses = {
  'kubelet-forbidden-is-404': [
    'Responds with 404 to users without permission',
    () => ({ http: status(403, FORBIDDEN, 404) }),
  ],
  'kubelet-403-tells-nothing': [
    'Does not name the denied action in a 403 response',
    () => ({ http: changeResponse((response) => (response.status === 403 ? forbidden : response)) }),
  ],
  'kubelet-401-tells-why': [
    'States in a 401 response why the credentials are invalid',
    () => ({
      http: changeResponse((response) =>
        response.status === 401 ? { ...response, body: 'Unauthorized: the certificate has expired' } : response,
      ),
    }),
  ],
  'kubelet-unanswered-is-permission': [
    'Allows a request if the API server does not respond to the review',
    () => ({ http: success(500, REVIEW_FAILED) }),
  ],
  'kubelet-unanswered-is-403': [
    'Responds with 403 if the API server does not respond to the review',
    () => ({ http: status(500, REVIEW_FAILED, 403) }),
  ],
  'kubelet-remembers-failures': [
    'Refuses a user for good after one failed review',
    () => {
      const failed = new Map<string, HttpResponse>();
      return {
        http: async (request, next) => {
          const name = request.user?.name ?? '';
          const response = failed.get(name) ?? (await next(request));
          if (REVIEW_FAILED.test(response.body)) failed.set(name, response);
          return response;
        },
      };
    },
  ],
} satisfies DeviationTable;

const reviews = {
  'kubelet-remembers-no-token': ['Sends a token review for every request', () => settings({ tokenCacheSeconds: 0 })],
  'kubelet-remembers-no-permission': [
    'Sends an access review for every request',
    () => settings({ allowedCacheSeconds: 0, deniedCacheSeconds: 0 }),
  ],
  'kubelet-review-without-groups': [
    "Leaves the user's groups out of access reviews",
    () => ({ http: user((known) => ({ ...known, groups: ['system:authenticated'] })) }),
  ],
  'kubelet-review-without-credential-id': [
    'Leaves the credential id out of access reviews',
    () => ({ http: user(({ extra: _, ...known }) => known) }),
  ],
} satisfies DeviationTable;

export const permissionMutants = deviations('mutant', { ...authorization, ...responses, ...reviews });
