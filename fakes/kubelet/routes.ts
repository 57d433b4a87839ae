// Every path that a kubelet answers here, and the order of decisions: prefix, credentials, route, method, representation, handler.
import type { HttpRequest, HttpResponse } from '../wires';
import { type CheckpointContext, checkpoint } from './checkpoint';
import { matchMux } from './go-mux';
import { chooseRoute, type Route } from './go-restful';
import { parseRequestUri, queryValues, type RequestUrl } from './go-url';
import { podList } from './pods/pod-list';
import type { PodSupervisor } from './pods/supervisor';
import {
  badTarget,
  checkPassed,
  checkpointed,
  checkpointRefused,
  globalOptions,
  healthy,
  json,
  noRoute,
  redirect,
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
  /** False on the read-only port. */
  readonly needsCredentials: boolean;
}

const CHECKS = ['ping', 'log', 'syncloop'] as const;
const JSON_TYPES = ['application/json'];

function endpoints({ checkpoints, pods, hasCheckpoint }: RoutesContext): Endpoint[] {
  const health: Endpoint = {
    patterns: ['/healthz'],
    serves: async (_, url) => healthy(queryValues(url.rawQuery, 'verbose').length > 0 ? CHECKS : undefined),
  };
  const checks: Endpoint = { patterns: CHECKS.map((check) => `/healthz/${check}`), serves: async () => checkPassed };
  const listing: Endpoint = {
    patterns: ['/pods', '/pods/'],
    serves: [
      { method: 'GET', template: '/pods', produces: JSON_TYPES, handler: async () => json(podList(pods.report())) },
    ],
  };
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
          const outcome = await checkpoint(checkpoints, { namespace, pod, container, timeouts }, request.signal);
          return outcome.kind === 'done' ? checkpointed(outcome.location) : checkpointRefused(outcome);
        },
      },
    ],
  };
  return [health, checks, listing, ...(hasCheckpoint ? [checkpointing] : [])];
}

/** The kubelet behind its listener: a request in, an answer out. `request.user` says who asks, where somebody does. */
export function routes(context: RoutesContext): (request: HttpRequest) => Promise<HttpResponse> {
  const byPattern = new Map<string, Endpoint['serves']>();
  for (const { patterns, serves } of endpoints(context)) for (const pattern of patterns) byPattern.set(pattern, serves);
  const patterns = [...byPattern.keys()];
  return async (request) => {
    const { method, target, headers, user } = request;
    if (target === '*') return method === 'OPTIONS' ? globalOptions : badTarget;
    const url = parseRequestUri(method === 'CONNECT' && !target.startsWith('/') ? `http://${target}` : target);
    if (!url) return badTarget;
    const match = matchMux(patterns, method, url);
    if (match.kind === 'redirect') return redirect(method, match.location);
    const serves = match.kind === 'pattern' ? byPattern.get(match.pattern) : undefined;
    if (!serves) return unknownPath;
    if (context.needsCredentials && !user) return unauthorized;
    if (typeof serves === 'function') return serves(request, url, []);
    const choice = chooseRoute(serves, { method, path: url.path, accept: headers['accept'] });
    return choice.kind === 'route' ? choice.handler(request, url, choice.parameters) : noRoute(choice);
  };
}
