// Broken kubelets, in what somebody known may do, and in what they ask an API server about it.
import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse, HttpWrapper, UserInfo } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { answering, asking, isCheckpoint, status, success } from '../../effects/http-effects';
import { settings } from '../../effects/kubelet-effects';

const UNKNOWN_NAME = /does not exist$/;
const FORBIDDEN = /^Forbidden/;
const UNANSWERED = /^Authorization error/;

/** Somebody who may do everything, and of whom nothing is remembered. */
const master = (): UserInfo => ({ name: 'admin', groups: ['system:masters'], extra: { nonce: [randomUUID()] } });

/** Somebody known who is not in system:masters. */
const isCommon = ({ user }: HttpRequest) =>
  user?.groups.includes('system:authenticated') === true && !user.groups.includes('system:masters');

/** Judges leave by another request than the one that is served; the other one must lead nowhere. */
const leaveBy =
  (change: (request: HttpRequest) => HttpRequest): HttpWrapper =>
  async (request, next) => {
    if (!isCheckpoint(request) || !request.user) return next(request);
    const judged = await next(change(request));
    return FORBIDDEN.test(judged.body) || UNANSWERED.test(judged.body) ? judged : next({ ...request, user: master() });
  };

/** Changes who asks, where somebody known does. */
const user = (change: (user: UserInfo) => UserInfo): HttpWrapper =>
  asking((request) => (request.user ? { ...request, user: change(request.user) } : request));

const forbidden: HttpResponse = { status: 403, headers: [], body: 'Forbidden\n' };

const leave = {
  'kubelet-authorization-skipped': ['lets everybody known do everything', () => ({ http: user(master) })],
  'kubelet-refuses-everybody': [
    'refuses everybody who is not in system:masters',
    () => ({
      http: async (request, next) => (isCheckpoint(request) && isCommon(request) ? forbidden : next(request)),
    }),
  ],
  'kubelet-asks-leave-to-get': [
    'asks for the permission to get, whatever is to be done',
    () => ({ http: leaveBy((request) => ({ ...request, method: 'GET' })) }),
  ],
  'kubelet-asks-leave-to-proxy': [
    'asks for nodes/proxy in place of nodes/checkpoint',
    () => ({ http: leaveBy((request) => ({ ...request, target: '/runningpods/' })) }),
  ],
  'kubelet-method-before-authorization': [
    'refuses a wrong method before it asks who may use it',
    () => ({ http: asking((request) => (request.method === 'POST' ? request : { ...request, user: master() })) }),
  ],
  'kubelet-lookup-before-authorization': [
    'tells who may not checkpoint which pods there are',
    () => ({
      http: async (request, next) => {
        if (!isCheckpoint(request) || !isCommon(request)) return next(request);
        // A timeout that cannot be read keeps the look-up from going further.
        const target = `${request.target}?timeout=none`;
        const looked = await next({ ...request, target, method: 'POST', user: master() });
        return UNKNOWN_NAME.test(looked.body) ? looked : next(request);
      },
    }),
  ],
} satisfies DeviationTable;

const words = {
  'kubelet-forbidden-is-404': ['answers 404 to who may not', () => ({ http: status(403, FORBIDDEN, 404) })],
  'kubelet-403-tells-nothing': [
    'does not say what was not allowed',
    () => ({ http: answering((response) => (response.status === 403 ? forbidden : response)) }),
  ],
  'kubelet-401-tells-why': [
    'says of wrong credentials what is wrong with them',
    () => ({
      http: answering((response) =>
        response.status === 401 ? { ...response, body: 'Unauthorized: the certificate has expired' } : response,
      ),
    }),
  ],
  'kubelet-unanswered-is-leave': [
    'takes no answer of the API server for a yes',
    () => ({ http: success(500, UNANSWERED) }),
  ],
  'kubelet-unanswered-is-403': [
    'takes no answer of the API server for a no',
    () => ({ http: status(500, UNANSWERED, 403) }),
  ],
  'kubelet-remembers-failures': [
    'goes on to fail for whom the API server failed once',
    () => {
      const failed = new Map<string, HttpResponse>();
      return {
        http: async (request, next) => {
          const name = request.user?.name ?? '';
          const response = failed.get(name) ?? (await next(request));
          if (UNANSWERED.test(response.body)) failed.set(name, response);
          return response;
        },
      };
    },
  ],
} satisfies DeviationTable;

const reviews = {
  'kubelet-remembers-no-token': ['shows a token with every request', () => settings({ tokenCacheSeconds: 0 })],
  'kubelet-remembers-no-leave': [
    'asks for leave with every request',
    () => settings({ allowedCacheSeconds: 0, deniedCacheSeconds: 0 }),
  ],
  'kubelet-review-without-groups': [
    'asks for leave without the groups of the user',
    () => ({ http: user((known) => ({ ...known, groups: ['system:authenticated'] })) }),
  ],
  'kubelet-review-without-credential-id': [
    'asks for leave without the id of the credential',
    () => ({ http: user(({ extra: _, ...known }) => known) }),
  ],
} satisfies DeviationTable;

export const permissionMutants = deviations('mutant', { ...leave, ...words, ...reviews });
