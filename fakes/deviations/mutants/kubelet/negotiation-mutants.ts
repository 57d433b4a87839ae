// Broken kubelets, in methods, Accept, bodies and the parameters that they should overlook.
import type { HttpRequest, HttpResponse, HttpWrapper } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { answering, asking, isCheckpoint } from '../../effects/http-effects';

const UNKNOWN_NAME = /does not exist$/;
const METHOD = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE)$/;
/** Bytes of a body that is too large for one of these kubelets. */
const LARGE = 100_000;

const refusal = (status: number): HttpResponse => ({ status, headers: [], body: 'made up: refused' });

const refusing =
  (fits: (request: HttpRequest) => boolean, status: number): HttpWrapper =>
  async (request, next) =>
    isCheckpoint(request) && fits(request) ? refusal(status) : next(request);

/** Looks names up before it judges requests that fit; a timeout that cannot be read keeps it from going further. */
const lookupFirst =
  (fits: (request: HttpRequest) => boolean): HttpWrapper =>
  async (request, next) => {
    if (!isCheckpoint(request) || !request.user || !fits(request)) return next(request);
    const headers = { ...request.headers, accept: undefined };
    const looked = await next({ ...request, method: 'POST', headers, target: `${request.target}?timeout=none` });
    return UNKNOWN_NAME.test(looked.body) ? looked : next(request);
  };

const bytesOf = ({ headers }: HttpRequest) => Number(headers['content-length'] ?? 0);
const acceptOf = ({ headers }: HttpRequest) => headers['accept'];
const queryOf = ({ target }: HttpRequest) => target.split('?')[1] ?? '';

const table = {
  'kubelet-head-checkpoints': [
    'takes HEAD for POST',
    () => ({ http: asking((request) => (request.method === 'HEAD' ? { ...request, method: 'POST' } : request)) }),
  ],
  'kubelet-unknown-method-is-501': [
    'answers 501 to a method that it has never heard of',
    () => ({ http: refusing(({ method }) => !METHOD.test(method), 501) }),
  ],
  'kubelet-methods-ignore-case': [
    'knows methods in any case',
    () => ({ http: asking((request) => ({ ...request, method: request.method.toUpperCase() })) }),
  ],
  'kubelet-lookup-before-method': [
    'looks names up before it judges the method',
    () => ({ http: lookupFirst(({ method }) => method !== 'POST') }),
  ],
  'kubelet-lookup-before-accept': [
    'looks names up before it judges what is accepted',
    () => ({ http: lookupFirst((request) => acceptOf(request) !== undefined) }),
  ],
  'kubelet-accept-needs-json': [
    'answers nobody who does not name JSON',
    () => ({ http: refusing((request) => acceptOf(request)?.includes('application/json') === false, 406) }),
  ],
  'kubelet-bodies-are-415': ['takes no body', () => ({ http: refusing((request) => bytesOf(request) > 0, 415) })],
  'kubelet-large-bodies-are-413': [
    'takes no large body',
    () => ({ http: refusing((request) => bytesOf(request) > LARGE, 413) }),
  ],
  'kubelet-unknown-parameters-are-400': [
    'knows no parameter but timeout',
    () => ({ http: refusing((request) => /(^|&)(?!timeout=)[^&=]+/.test(queryOf(request)), 400) }),
  ],
  'kubelet-timeout-in-any-case': [
    'reads a Timeout for a timeout',
    () => ({ http: asking((request) => ({ ...request, target: request.target.replace('Timeout=', 'timeout=') })) }),
  ],
  'kubelet-claims-gzip': [
    'says of an answer that it is compressed',
    () => ({
      http: answering((response, { headers }) =>
        headers['accept-encoding']?.includes('gzip')
          ? { ...response, headers: [...response.headers, ['Content-Encoding', 'gzip']] }
          : response,
      ),
    }),
  ],
} satisfies DeviationTable;

export const negotiationMutants = deviations('mutant', table);
