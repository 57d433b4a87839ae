// Broken kubelets, in how they read a path and the names in it.
import type { HttpRequest, HttpResponse, HttpWrapper } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { answering, asking, isCheckpoint, status } from '../../effects/http-effects';

const UNKNOWN_NAME = /does not exist$/;
/** What the suite's container is called. */
const CONTAINER = 'count';

const notFound: HttpResponse = { status: 404, headers: [], body: 'pod does not exist' };
const EMPTY: HttpResponse = { status: 200, headers: [['Content-Type', 'application/json']], body: '{"items":[]}' };

const pathOf = ({ target }: HttpRequest) => target.split('?')[0] ?? '';
const target = (change: (target: string) => string) =>
  asking((request) => ({ ...request, target: change(request.target) }));
const locationOf = ({ headers }: HttpResponse) => headers.find(([name]) => name === 'Location')?.[1];

/** Does something else with checkpoints that fit. */
const where =
  (fits: (path: string) => boolean, answer: HttpResponse): HttpWrapper =>
  async (request, next) =>
    isCheckpoint(request) && fits(pathOf(request)) ? answer : next(request);

/** Tries another target where a name was not found. */
const otherwise =
  (change: (target: string) => string): HttpWrapper =>
  async (request, next) => {
    const response = await next(request);
    const missed = isCheckpoint(request) && response.status === 404 && UNKNOWN_NAME.test(response.body);
    return missed ? next({ ...request, target: change(request.target) }) : response;
  };

const table = {
  'kubelet-cleans-paths-itself': [
    'serves an unclean path as the clean one',
    () => ({
      http: async (request, next) => {
        const response = await next(request);
        const clean = response.status === 307 ? locationOf(response) : undefined;
        return clean === undefined ? response : next({ ...request, target: clean });
      },
    }),
  ],
  'kubelet-redirects-with-301': ['answers 301 to an unclean path', () => ({ http: status(307, /^/, 301) })],
  'kubelet-redirects-lose-the-query': [
    'leaves the query out of where an unclean path is sent to',
    () => ({
      http: answering((response) => ({
        ...response,
        headers: response.headers.map(([name, value]) =>
          name === 'Location' ? [name, value.split('?')[0] ?? ''] : [name, value],
        ),
      })),
    }),
  ],
  'kubelet-extra-parts-ignored': [
    'reads a path no further than the container',
    () => ({ http: target((asked) => asked.replace(/^(\/checkpoint\/[^/?.]+\/[^/?]+\/[^/?]+)\/[^?]+/, '$1')) }),
  ],
  'kubelet-wrong-parts-are-400': [
    'answers 400 where a path has too few or too many parts',
    () => ({ http: status(404, /^404: Page Not Found$/, 400) }),
  ],
  'kubelet-trailing-slash-is-404': [
    'finds nothing where a slash stands behind the container',
    () => ({ http: where((path) => /^\/checkpoint\/[^/]+\/[^/]+\/[^/]+\/$/.test(path), notFound) }),
  ],
  'kubelet-escapes-kept': [
    'takes escapes for a part of the name',
    () => ({ http: where((path) => path.includes('%'), notFound) }),
  ],
  'kubelet-escapes-undone-twice': [
    'undoes escapes twice',
    () => ({ http: target((asked) => asked.replaceAll('%25', '%')) }),
  ],
  'kubelet-names-ignore-case': ['finds names in any case', () => ({ http: otherwise((asked) => asked.toLowerCase()) })],
  'kubelet-names-by-beginning': [
    'takes the beginning of a name for the name',
    () => ({
      http: answering((response) => {
        const [, asked] = /^container (\w+) does not exist$/.exec(response.body) ?? [];
        return asked !== undefined && CONTAINER.startsWith(asked) ? EMPTY : response;
      }),
    }),
  ],
  'kubelet-names-end-at-nul': [
    'reads a name no further than a NUL',
    () => ({ http: target((asked) => asked.replace(/%00[^/?]*/g, '')) }),
  ],
  'kubelet-prefix-ignores-case': [
    'knows the path in any case',
    () => ({
      http: (request, next) => next({ ...request, target: request.target.replace(/^\/checkpoint\//i, '/checkpoint/') }),
    }),
  ],
  'kubelet-unknown-path-is-401': [
    'asks for credentials before it says that a path is unknown',
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
