// Every path that a kubelet answers here, and the order of decisions: prefix, credentials, leave, route, method, representation, handler.
import type { HttpRequest, HttpResponse } from '../go/net-http/exchange';
import { matchMux } from '../go/net-http/mux';
import { chooseRoute, type Route } from '../go/restful';
import { parseRequestUri, queryValues, type RequestUrl } from '../go/url';
import type { Authorizer } from './auth/authorizer';
import { type CheckpointContext, checkpoint } from './checkpoint';
import { podList, runningPodList } from './pods/pod-list';
import type { PodSupervisor } from './pods/supervisor';
import {
  badTarget,
  checkPassed,
  checkpointed,
  checkpointRefused,
  debuggingDisabled,
  forbidden,
  globalOptions,
  healthy,
  json,
  metricsText,
  noRoute,
  notFaked,
  redirect,
  shownConfiguration,
  unauthorized,
  unknownPath,
} from './responses';

/** Answers a request whose path, method and representation fit. */
type Handler = (request: HttpRequest, url: RequestUrl, parameters: readonly string[]) => Promise<HttpResponse>;

/** What stands under some patterns: one handler for every method, or routes to choose from. */
interface Endpoint {
  readonly patterns: readonly string[];
  readonly serves: Handler | readonly Route<Handler>[];
}

/** What the routes lead to. */
export interface RoutesContext {
  readonly checkpoints: CheckpointContext;
  readonly pods: PodSupervisor;
  readonly hasCheckpoint: boolean;
  /** What stands behind enableDebuggingHandlers; on the read-only port there is neither this nor a word about it. */
  readonly debugging: 'on' | 'off' | 'absent';
  /** Who may ask; undefined on the read-only port, where everybody may. */
  readonly access: { readonly authorize: Authorizer; readonly listsSubresources: boolean } | undefined;
  /** Status of a redirection to a cleaner path. */
  readonly redirectStatus: 301 | 307;
  /** Pages on which a kubelet tells of itself; they come with the debugging handlers. */
  readonly ownPages: readonly string[];
  /** Names of the checks of its health, in order. */
  readonly checks: readonly string[];
  readonly metrics: () => Promise<string>;
  /** The configuration as JSON. */
  readonly configuration: () => string;
}

const JSON_TYPES = ['application/json'];
/** Paths that answer why they are not there, where debugging handlers are off. */
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

/** What a kubelet serves besides, with and without debugging handlers: here for who may ask, not for what they get. */
const NOT_FAKED = {
  always: ['/stats/', '/metrics/cadvisor', '/metrics/probes', '/metrics/resource', '/metrics/slis'],
  debugging: [
    ...['/run', '/run/', '/exec', '/exec/', '/attach', '/attach/', '/portForward', '/portForward/'],
    ...['/containerLogs', '/containerLogs/', '/logs/', '/debug/pprof/', '/debug/flags/v'],
  ],
};
const onlyKnown = (patterns: readonly string[]): Endpoint => ({ patterns, serves: async () => notFaked });

const listing = (patterns: readonly string[], template: string, list: () => Promise<string>): Endpoint => ({
  patterns,
  serves: [{ method: 'GET', template, produces: JSON_TYPES, handler: async () => json(await list()) }],
});

function debuggingEndpoints({ debugging, checkpoints, configuration, ownPages }: RoutesContext): Endpoint[] {
  if (debugging === 'absent') return [];
  if (debugging === 'off') return [{ patterns: DEBUG_PATHS, serves: async () => debuggingDisabled }];
  const { runtime, requestTimeout: timeout } = checkpoints;
  return [
    listing(['/runningpods/'], '/runningpods', () => runningPodList(runtime, timeout)),
    onlyKnown([...NOT_FAKED.debugging, ...ownPages]),
    { patterns: ['/configz'], serves: async () => shownConfiguration(configuration()) },
  ];
}

function endpoints(context: RoutesContext): Endpoint[] {
  const { checkpoints, pods, hasCheckpoint } = context;
  const health: Endpoint = {
    patterns: ['/healthz'],
    serves: async (_, { rawQuery }) =>
      healthy(context.checks, queryValues(rawQuery, 'exclude'), queryValues(rawQuery, 'verbose').length > 0),
  };
  const checks: Endpoint = {
    patterns: context.checks.map((check) => `/healthz/${check}`),
    serves: async () => checkPassed,
  };
  const metrics: Endpoint = { patterns: ['/metrics'], serves: async () => metricsText(await context.metrics()) };
  const checkpointing: Endpoint = {
    // Only with its slash: the bare name is redirected.
    patterns: ['/checkpoint/'],
    serves: [
      {
        method: 'POST',
        template: '/checkpoint/{podNamespace}/{podID}/{containerName}',
        produces: JSON_TYPES,
        handler: async (request, url, [namespace = '', pod = '', container = '']) => {
          const timeouts = queryValues(url.rawQuery, 'timeout');
          const outcome = await checkpoint(checkpoints, { namespace, pod, container, timeouts }, request);
          return outcome.kind === 'done' ? checkpointed(outcome.location) : checkpointRefused(outcome);
        },
      },
    ],
  };
  return [
    health,
    checks,
    listing(['/pods', '/pods/'], '/pods', async () => podList(pods.report())),
    metrics,
    onlyKnown(NOT_FAKED.always),
    ...debuggingEndpoints(context),
    ...(hasCheckpoint ? [checkpointing] : []),
  ];
}

/** The kubelet behind its listener. */
export interface Routes {
  /** A request in, an answer out; `request.user` says who asks, where somebody does. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Whether the answer depends on who asks: it does not where nothing is served. */
  asksWho(request: Pick<HttpRequest, 'method' | 'target'>): boolean;
  /** First segments of all paths that are served. */
  readonly buckets: ReadonlySet<string>;
}

const urlOf = ({ method, target }: Pick<HttpRequest, 'method' | 'target'>) =>
  parseRequestUri(method === 'CONNECT' && !target.startsWith('/') ? `http://${target}` : target);

export function routes(context: RoutesContext): Routes {
  const byPattern = new Map<string, Endpoint['serves']>();
  for (const { patterns, serves } of endpoints(context)) for (const pattern of patterns) byPattern.set(pattern, serves);
  const patterns = [...byPattern.keys()];

  /** What stands in the way of one who asks; undefined: nothing. */
  async function barrier(request: HttpRequest, url: RequestUrl): Promise<HttpResponse | undefined> {
    const { method, user } = request;
    if (!context.access) return undefined;
    if (!user) return unauthorized;
    const permission = await context.access.authorize({ user, method, path: url.path, disconnect: request });
    return permission.kind === 'allowed'
      ? undefined
      : forbidden(user.name, permission, context.access.listsSubresources);
  }

  /** Where a request leads; the latest is remembered, because it is asked for twice and often comes again. */
  const placeOf = (() => {
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
    const { url, match } = placeOf(request);
    if (!url || !match) return badTarget;
    if (match.kind === 'redirect') return redirect(method, match.location, context.redirectStatus);
    const serves = match.kind === 'pattern' ? byPattern.get(match.pattern) : undefined;
    if (!serves) return unknownPath;
    const refused = await barrier(request, url);
    if (refused) return refused;
    if (typeof serves === 'function') return serves(request, url, []);
    const choice = chooseRoute(serves, { method, path: url.path, accept: headers['accept'] });
    return choice.kind === 'route' ? choice.handler(request, url, choice.parameters) : noRoute(choice);
  }

  return {
    handle,
    asksWho: (request) => placeOf(request).match?.kind === 'pattern',
    buckets: new Set(patterns.map((pattern) => pattern.split('/')[1] ?? '')),
  };
}
