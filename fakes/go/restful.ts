// Chooses a route as go-restful does: by the segments of the path, then by method, then by the Accept header.

/** A route: its method, the template of its path, and the content types of its responses. */
export interface Route<Handler> {
  readonly method: string;
  /** Template of the path. Segments in braces are parameters. */
  readonly template: string;
  readonly produces: readonly string[];
  readonly handler: Handler;
}

/** The chosen route with its parameters, in the order of the template, or why no route was chosen. */
export type RouteChoice<Handler> =
  | { readonly kind: 'route'; readonly handler: Handler; readonly parameters: readonly string[] }
  | { readonly kind: 'no-path' }
  | { readonly kind: 'no-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'not-acceptable'; readonly available: readonly string[] };

/** Splits a path into segments, without slashes at its ends. */
const segments = (path: string) => path.replace(/^\/+|\/+$/g, '').split('/');

/** Returns the parameters of a path; undefined if the path does not match the template. */
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

/**
 * Returns whether an Accept header allows one of the types. The only supported wildcard is the range for all
 * types, and quality values are ignored.
 */
function accepts(header: string, types: readonly string[]): boolean {
  return header.split(',').some((range) => {
    const type = (range.split(';')[0] ?? '').replace(/^ +| +$/g, '');
    return type === '*/*' || types.includes(type);
  });
}

/**
 * Chooses a route.
 * @param request the request. Its path is unescaped, so that an escaped slash separates segments. A missing or empty
 * Accept header allows every type
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
