// How go-restful chooses among the routes under one prefix: by segments, then by method, then by what the client accepts.

/** One route: method, path template, what its answers are made of. */
export interface Route<Handler> {
  readonly method: string;
  /** Segments in braces are parameters. */
  readonly template: string;
  readonly produces: readonly string[];
  readonly handler: Handler;
}

/** A route that fits, with its parameters in the order of the template; or why none does. */
export type RouteChoice<Handler> =
  | { readonly kind: 'route'; readonly handler: Handler; readonly parameters: readonly string[] }
  | { readonly kind: 'no-path' }
  | { readonly kind: 'no-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'not-acceptable'; readonly available: readonly string[] };

/** Segments of a path; slashes at both ends do not count. */
const segments = (path: string) => path.replace(/^\/+|\/+$/g, '').split('/');

/** Parameters of `path` under `template`, or undefined where it does not fit. */
function parametersOf(template: string, path: string): string[] | undefined {
  const wanted = segments(template);
  const given = segments(path);
  if (wanted.length !== given.length) return undefined;
  const parameters: string[] = [];
  for (const [i, segment] of wanted.entries()) {
    const value = given[i] ?? '';
    if (segment.startsWith('{')) parameters.push(value);
    else if (segment !== value) return undefined;
  }
  return parameters;
}

/** Whether an Accept header takes one of the types; only the full range counts as a wildcard, quality is not looked at. */
function accepts(header: string, types: readonly string[]): boolean {
  return header.split(',').some((range) => {
    const type = (range.split(';')[0] ?? '').replace(/^ +| +$/g, '');
    return type === '*/*' || types.includes(type);
  });
}

/**
 * Chooses a route.
 * @param path with its escapes undone, so that an escaped slash separates segments
 * @param accept the Accept header; absent or empty means everything
 */
export function chooseRoute<Handler>(
  routes: readonly Route<Handler>[],
  request: { readonly method: string; readonly path: string; readonly accept: string | undefined },
): RouteChoice<Handler> {
  const onPath = routes.flatMap((route) => {
    const parameters = parametersOf(route.template, request.path);
    return parameters ? [{ route, parameters }] : [];
  });
  if (onPath.length === 0) return { kind: 'no-path' };
  const byMethod = onPath.filter(({ route }) => route.method === request.method);
  if (byMethod.length === 0) return { kind: 'no-method', allowed: onPath.map(({ route }) => route.method) };
  const chosen = byMethod.find(({ route }) => accepts(request.accept || '*/*', route.produces));
  if (!chosen) return { kind: 'not-acceptable', available: byMethod.flatMap(({ route }) => route.produces) };
  return { kind: 'route', handler: chosen.route.handler, parameters: chosen.parameters };
}
