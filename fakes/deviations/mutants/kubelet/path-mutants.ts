// Defines kubelets that parse the request path or the names in it wrongly.
import type { HttpRequest, HttpResponse, HttpWrapper } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { changeRequest, changeResponse, isCheckpoint, status } from '../../effects/http-effects';

const UNKNOWN_NAME = /does not exist$/;
/** The name of the suite's container. */
const CONTAINER = 'count';

const notFound: HttpResponse = { status: 404, headers: [], body: 'pod does not exist' };
const EMPTY: HttpResponse = { status: 200, headers: [['Content-Type', 'application/json']], body: '{"items":[]}' };

const pathOf = ({ target }: HttpRequest) => target.split('?')[0] ?? '';
const target = (change: (target: string) => string) =>
  changeRequest((request) => ({ ...request, target: change(request.target) }));
const locationOf = ({ headers }: HttpResponse) => headers.find(([name]) => name === 'Location')?.[1];

/** Makes an interceptor that replaces the response to matching checkpoint requests. */
const replaceIf =
  (fits: (path: string) => boolean, answer: HttpResponse): HttpWrapper =>
  async (request, next) =>
    isCheckpoint(request) && fits(pathOf(request)) ? answer : next(request);

/** Makes an interceptor that tries another request target if a name was not found. */
const retryWith =
  (change: (target: string) => string): HttpWrapper =>
  async (request, next) => {
    const response = await next(request);
    const missed = isCheckpoint(request) && response.status === 404 && UNKNOWN_NAME.test(response.body);
    return missed ? next({ ...request, target: change(request.target) }) : response;
  };

const table = {
  'kubelet-cleans-paths-itself': [
    'Serves a path with empty or dot segments without a redirect',
    () => ({
      http: async (request, next) => {
        const response = await next(request);
        const clean = response.status === 307 ? locationOf(response) : undefined;
        return clean === undefined ? response : next({ ...request, target: clean });
      },
    }),
  ],
  'kubelet-redirects-with-301': [
    'Redirects a path with empty or dot segments with status 301',
    () => ({ http: status(307, /^/, 301) }),
  ],
  'kubelet-redirects-lose-the-query': [
    'Leaves the query out of the redirect for a path with empty or dot segments',
    () => ({
      http: changeResponse((response) => ({
        ...response,
        headers: response.headers.map(([name, value]) =>
          name === 'Location' ? [name, value.split('?')[0] ?? ''] : [name, value],
        ),
      })),
    }),
  ],
  'kubelet-extra-parts-ignored': [
    "Ignores path segments after the container's name",
    () => ({ http: target((path) => path.replace(/^(\/checkpoint\/[^/?.]+\/[^/?]+\/[^/?]+)\/[^?]+/, '$1')) }),
  ],
  'kubelet-wrong-parts-are-400': [
    'Responds with 400 if the path has too few or too many segments',
    () => ({ http: status(404, /^404: Page Not Found$/, 400) }),
  ],
  'kubelet-trailing-slash-is-404': [
    "Responds with 404 if a slash follows the container's name",
    () => ({ http: replaceIf((path) => /^\/checkpoint\/[^/]+\/[^/]+\/[^/]+\/$/.test(path), notFound) }),
  ],
  'kubelet-escapes-kept': [
    'Does not decode percent escapes in names',
    () => ({ http: replaceIf((path) => path.includes('%'), notFound) }),
  ],
  'kubelet-escapes-undone-twice': [
    'Decodes percent escapes twice',
    () => ({ http: target((path) => path.replaceAll('%25', '%')) }),
  ],
  'kubelet-names-ignore-case': ['Ignores the case of names', () => ({ http: retryWith((path) => path.toLowerCase()) })],
  'kubelet-names-by-beginning': [
    'Accepts a prefix of a name',
    () => ({
      http: changeResponse((response) => {
        const [, name] = /^container (\w+) does not exist$/.exec(response.body) ?? [];
        return name !== undefined && CONTAINER.startsWith(name) ? EMPTY : response;
      }),
    }),
  ],
  'kubelet-names-end-at-nul': [
    'Ends a name at a NUL character',
    () => ({ http: target((path) => path.replace(/%00[^/?]*/g, '')) }),
  ],
  'kubelet-prefix-ignores-case': [
    'Ignores the case of the path',
    () => ({
      http: (request, next) => next({ ...request, target: request.target.replace(/^\/checkpoint\//i, '/checkpoint/') }),
    }),
  ],
  'kubelet-unknown-path-is-401': [
    'Responds with 401 instead of 404 to unauthenticated requests for an unknown path',
    () => ({
      http: async (request, next) => {
        const response = await next(request);
        const isUnknown = !isCheckpoint(request) && response.body === '404 page not found\n';
        return isUnknown ? { status: 401, headers: [], body: 'Unauthorized' } : response;
      },
    }),
  ],
} satisfies DeviationTable;

export const pathMutants = deviations('mutant', table);
