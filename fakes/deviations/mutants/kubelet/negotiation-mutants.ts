// Defines kubelets that handle HTTP methods, Accept headers, bodies or unknown parameters wrongly.
import type { HttpRequest, HttpResponse, HttpWrapper } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { changeRequest, changeResponse, isCheckpoint } from '../../effects/http-effects';

const UNKNOWN_NAME = /does not exist$/;
const METHOD = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE)$/;
/** Size from which these kubelets treat a body as too large, bytes. */
const LARGE = 100_000;

const refusal = (status: number): HttpResponse => ({ status, headers: [], body: 'made up: refused' });

const refusing =
  (fits: (request: HttpRequest) => boolean, status: number): HttpWrapper =>
  async (request, next) =>
    isCheckpoint(request) && fits(request) ? refusal(status) : next(request);

/**
 * Makes an interceptor that reports an unknown name before any other error of a matching request. To look up the names,
 * it first sends the request to the kubelet with an invalid timeout, with which no checkpoint is made.
 */
const lookupFirst =
  (fits: (request: HttpRequest) => boolean): HttpWrapper =>
  async (request, next) => {
    if (!isCheckpoint(request) || !request.user || !fits(request)) return next(request);
    const headers = { ...request.headers, accept: undefined };
    const lookup = await next({ ...request, method: 'POST', headers, target: `${request.target}?timeout=none` });
    return UNKNOWN_NAME.test(lookup.body) ? lookup : next(request);
  };

const bytesOf = ({ headers }: HttpRequest) => Number(headers['content-length'] ?? 0);
const acceptOf = ({ headers }: HttpRequest) => headers['accept'];
const queryOf = ({ target }: HttpRequest) => target.split('?')[1] ?? '';

const table = {
  'kubelet-head-checkpoints': [
    'Accepts HEAD in place of POST',
    () => ({
      http: changeRequest((request) => (request.method === 'HEAD' ? { ...request, method: 'POST' } : request)),
    }),
  ],
  'kubelet-unknown-method-is-501': [
    'Responds with 501 to an unknown method',
    () => ({ http: refusing(({ method }) => !METHOD.test(method), 501) }),
  ],
  'kubelet-methods-ignore-case': [
    'Ignores the case of methods',
    () => ({ http: changeRequest((request) => ({ ...request, method: request.method.toUpperCase() })) }),
  ],
  'kubelet-lookup-before-method': [
    'Looks names up before it checks the method',
    () => ({ http: lookupFirst(({ method }) => method !== 'POST') }),
  ],
  'kubelet-lookup-before-accept': [
    'Looks names up before it checks the Accept header',
    () => ({ http: lookupFirst((request) => acceptOf(request) !== undefined) }),
  ],
  'kubelet-accept-needs-json': [
    'Refuses clients whose Accept header does not name JSON',
    () => ({ http: refusing((request) => acceptOf(request)?.includes('application/json') === false, 406) }),
  ],
  'kubelet-bodies-are-415': [
    'Refuses requests with a body',
    () => ({ http: refusing((request) => bytesOf(request) > 0, 415) }),
  ],
  'kubelet-large-bodies-are-413': [
    'Refuses requests with a large body',
    () => ({ http: refusing((request) => bytesOf(request) > LARGE, 413) }),
  ],
  'kubelet-unknown-parameters-are-400': [
    'Refuses every parameter except timeout',
    () => ({ http: refusing((request) => /(^|&)(?!timeout=)[^&=]+/.test(queryOf(request)), 400) }),
  ],
  'kubelet-timeout-in-any-case': [
    'Accepts Timeout as a spelling of the parameter timeout',
    () => ({
      http: changeRequest((request) => ({ ...request, target: request.target.replace('Timeout=', 'timeout=') })),
    }),
  ],
  'kubelet-claims-gzip': [
    'Declares responses as compressed although they are not',
    () => ({
      http: changeResponse((response, { headers }) =>
        headers['accept-encoding']?.includes('gzip')
          ? { ...response, headers: [...response.headers, ['Content-Encoding', 'gzip']] }
          : response,
      ),
    }),
  ],
} satisfies DeviationTable;

export const negotiationMutants = deviations('mutant', table);
