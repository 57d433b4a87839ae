// Handles the paths of a kubelet. The order of the checks is that of a kubelet: prefix, credentials, permission, route,
// method, representation.
import type { HttpRequest, HttpResponse } from '../go/net-http/exchange';
import { matchMux } from '../go/net-http/mux';
import { chooseRoute, type Route } from '../go/restful';
import { parseRequestUri, queryValues, type RequestUrl } from '../go/url';
import type { Access } from './auth/access';
import { type CheckpointContext, checkpoint } from './checkpoint';
import { podList, runningPodList } from './pods/pod-list';
import type { PodSupervisor } from './pods/supervisor';
import {
  badTarget,
  checkPassed,
  checkpointCreated,
  checkpointRefused,
  configzPage,
  debuggingDisabled,
  forbidden,
  globalOptions,
  healthy,
  json,
  metricsText,
  noRoute,
  notImplemented,
  redirect,
  unauthorized,
  unknownPath,
} from './responses';

/** Handles a request whose path, method and Accept header match a route. */
type Handler = (request: HttpRequest, url: RequestUrl, parameters: readonly string[]) => Promise<HttpResponse>;

/** A group of path patterns, and their handlers. */
interface PathGroup {
  readonly patterns: readonly string[];
  /** One handler for all methods, or routes to choose from. */
  readonly serves: Handler | readonly Route<Handler>[];
}

/** The parts of a kubelet that the routes use. */
export interface RoutesContext {
  readonly checkpoints: CheckpointContext;
  readonly pods: PodSupervisor;
  readonly hasCheckpoint: boolean;
  /** State of the debugging handlers. They are absent on the read-only port, where their paths are unknown. */
  readonly debugging: 'on' | 'off' | 'absent';
  /** Authentication and authorization; undefined on the read-only port, which needs no credentials. */
  readonly access: Access | undefined;
  /** Status of a redirect to the clean form of a path. */
  readonly redirectStatus: 301 | 307;
  /** Paths of pages about the kubelet itself. They belong to the debugging handlers. */
  readonly statusPages: readonly string[];
  /** Names of the health checks, in order. */
  readonly healthChecks: readonly string[];
  readonly metrics: () => Promise<string>;
  /** Returns the configuration as JSON. Only the debugging handlers serve it. */
  readonly configuration?: () => string;
}

const JSON_TYPES = ['application/json'];
/** Paths with a special response if the debugging handlers are off. */
const DEBUG_PATHS = [
  '/run/',
  '/exec/',
  '/attach/',
  '/portForward/',
  '/containerLogs/',
  '/runningpods/',
  '/debug/pprof/',
  '/logs/',
];

/** Paths that the fake authorizes as a kubelet does, but does not serve. */
const NOT_IMPLEMENTED = {
  always: ['/stats/', '/metrics/cadvisor', '/metrics/probes', '/metrics/resource', '/metrics/slis'],
  debugging: [
    ...['/run', '/run/', '/exec', '/exec/', '/attach', '/attach/', '/portForward', '/portForward/'],
    ...['/containerLogs', '/containerLogs/', '/logs/', '/debug/pprof/', '/debug/flags/v'],
  ],
};
const withoutHandler = (patterns: readonly string[]): PathGroup => ({ patterns, serves: async () => notImplemented });

const listing = (patterns: readonly string[], template: string, list: () => Promise<string>): PathGroup => ({
  patterns,
  serves: [{ method: 'GET', template, produces: JSON_TYPES, handler: async () => json(await list()) }],
});

function debuggingPaths({ debugging, checkpoints, configuration, statusPages }: RoutesContext): PathGroup[] {
  if (debugging === 'absent') return [];
  if (debugging === 'off') return [{ patterns: DEBUG_PATHS, serves: async () => debuggingDisabled }];
  const { runtime, requestTimeout: timeout } = checkpoints;
  return [
    listing(['/runningpods/'], '/runningpods', () => runningPodList(runtime, timeout)),
    withoutHandler([...NOT_IMPLEMENTED.debugging, ...statusPages]),
    { patterns: ['/configz'], serves: async () => configzPage(configuration?.() ?? '') },
  ];
}

function allPaths(context: RoutesContext): PathGroup[] {
  const { checkpoints, pods, hasCheckpoint, healthChecks } = context;
  const health: PathGroup = {
    patterns: ['/healthz'],
    serves: async (_, { rawQuery }) =>
      healthy(healthChecks, queryValues(rawQuery, 'exclude'), queryValues(rawQuery, 'verbose').length > 0),
  };
  const checks: PathGroup = {
    patterns: healthChecks.map((check) => `/healthz/${check}`),
    serves: async () => checkPassed,
  };
  const metrics: PathGroup = { patterns: ['/metrics'], serves: async () => metricsText(await context.metrics()) };
  const checkpointing: PathGroup = {
    // The pattern ends with a slash, so that Go's ServeMux redirects the path without it.
    patterns: ['/checkpoint/'],
    serves: [
      {
        method: 'POST',
        template: '/checkpoint/{podNamespace}/{podID}/{containerName}',
        produces: JSON_TYPES,
        handler: async (request, url, [namespace = '', pod = '', container = '']) => {
          const timeouts = queryValues(url.rawQuery, 'timeout');
          const outcome = await checkpoint(checkpoints, { namespace, pod, container, timeouts }, request);
          return outcome.kind === 'done' ? checkpointCreated(outcome.location) : checkpointRefused(outcome);
        },
      },
    ],
  };
  return [
    health,
    checks,
    listing(['/pods', '/pods/'], '/pods', async () => podList(pods.report())),
    metrics,
    withoutHandler(NOT_IMPLEMENTED.always),
    ...debuggingPaths(context),
    ...(hasCheckpoint ? [checkpointing] : []),
  ];
}

/** The routes of one port. */
export interface Routes {
  /** Handles a request. `request.user` is the authenticated client, if there is one. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Returns whether the request must be authenticated. A request for a path that is not served needs no authentication.
   */
  needsUser(request: Pick<HttpRequest, 'method' | 'target'>): boolean;
  /** First segments of all paths that are served; metrics use them as labels. */
  readonly pathLabels: ReadonlySet<string>;
}

const urlOf = ({ method, target }: Pick<HttpRequest, 'method' | 'target'>) =>
  parseRequestUri(method === 'CONNECT' && !target.startsWith('/') ? `http://${target}` : target);

/** Makes the routes of one port. */
export function routes(context: RoutesContext): Routes {
  const byPattern = new Map<string, PathGroup['serves']>();
  for (const { patterns, serves } of allPaths(context)) for (const pattern of patterns) byPattern.set(pattern, serves);
  const patterns = [...byPattern.keys()];

  /**
   * Returns the response to a client that is not authenticated or not allowed; undefined if the client is authenticated
   * and allowed.
   */
  async function denial(request: HttpRequest, url: RequestUrl): Promise<HttpResponse | undefined> {
    const { method, user } = request;
    if (!context.access) return undefined;
    if (!user) return unauthorized;
    const decision = await context.access.authorize({ user, method, path: url.path, disconnect: request });
    return decision.kind === 'allowed' ? undefined : forbidden(user.name, decision, context.access.listsSubresources);
  }

  /**
   * Matches a request with a route. The latest match is kept, because each request is matched twice and clients often
   * repeat requests.
   */
  const matchOf = (() => {
    const find = ({ method, target }: Pick<HttpRequest, 'method' | 'target'>) => {
      const url = urlOf({ method, target });
      return { method, target, url, match: url && matchMux(patterns, method, url) };
    };
    let latest: ReturnType<typeof find> | undefined;
    return (request: Pick<HttpRequest, 'method' | 'target'>) => {
      if (latest?.target !== request.target || latest.method !== request.method) latest = find(request);
      return latest;
    };
  })();

  async function handle(request: HttpRequest): Promise<HttpResponse> {
    const { method, target, headers } = request;
    if (target === '*') return method === 'OPTIONS' ? globalOptions : badTarget;
    const { url, match } = matchOf(request);
    if (!url || !match) return badTarget;
    if (match.kind === 'redirect') return redirect(method, match.location, context.redirectStatus);
    const serves = match.kind === 'pattern' ? byPattern.get(match.pattern) : undefined;
    if (!serves) return unknownPath;
    const denied = await denial(request, url);
    if (denied) return denied;
    if (typeof serves === 'function') return serves(request, url, []);
    const choice = chooseRoute(serves, { method, path: url.path, accept: headers['accept'] });
    return choice.kind === 'route' ? choice.handler(request, url, choice.parameters) : noRoute(choice);
  }

  return {
    handle,
    needsUser: (request) => matchOf(request).match?.kind === 'pattern',
    pathLabels: new Set(patterns.map((pattern) => pattern.split('/')[1] ?? '')),
  };
}
