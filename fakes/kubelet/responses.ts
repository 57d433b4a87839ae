// Defines the status, headers and body of every response. The server adds date, length and framing.
import type { HttpResponse } from '../go/net-http/exchange';
import { statusText } from '../go/net-http/status-text';
import type { RouteChoice } from '../go/restful';
import { decodeText } from '../go/text';
import type { AccessDecision } from './auth/authorizer';
import type { CheckpointRefusal } from './checkpoint';

/** Returns a response without headers. The server derives the content type from the body, as Go does. */
const plain = (status: number, body: string): HttpResponse => ({ status, headers: [], body });

/** Returns the response that Go's `http.Error` writes. */
const httpError = (status: number, text: string): HttpResponse => ({
  status,
  headers: [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ],
  body: `${text}\n`,
});

/** The response to a path without a known prefix. */
export const unknownPath = httpError(404, '404 page not found');

/** The response to `OPTIONS *`, which Go's server sends without a handler. */
export const globalOptions: HttpResponse = { status: 200, headers: [['Content-Length', '0']], body: '' };

/** The response to a method other than OPTIONS on `*`, and to a target that cannot be parsed. */
export const badTarget: HttpResponse = { status: 400, headers: [['Connection', 'close']], body: '' };

/** The response to a path that the fake authorizes but does not serve. */
export const notImplemented = httpError(501, 'The fake kubelet does not serve this path.');

/** The response to a client that is not authenticated. */
export const unauthorized = plain(401, 'Unauthorized');

/**
 * Returns the response for a request that is not allowed: 403, or 500 if the API server could not decide.
 * @param user name of the client
 * @param decision the reviewed permissions, and the result of the review
 * @param listsSubresources whether the text lists all subresources. Older kubelets name one subresource and write no
 * newline
 */
export function forbidden(
  user: string,
  decision: Exclude<AccessDecision, { kind: 'allowed' }>,
  listsSubresources: boolean,
): HttpResponse {
  const about = `(user=${user}, verb=${decision.verb}, resource=nodes,`;
  if (decision.kind === 'unknown') {
    return plain(500, `Authorization error ${about} subresource=${decision.subresource})`);
  }
  const subresources = decision.subresources.join(' ');
  return plain(
    403,
    listsSubresources
      ? `Forbidden ${about} subresource(s)=[${subresources}])\n`
      : `Forbidden ${about} subresource=${subresources})`,
  );
}

/** The response to paths that are disabled because enableDebuggingHandlers is false. */
export const debuggingDisabled = httpError(405, 'Debug endpoints are disabled.');

/** Returns the response of `/configz`. */
export const configzPage = (body: string): HttpResponse => ({
  status: 200,
  headers: [
    ['Content-Type', 'application/json'],
    ['X-Content-Type-Options', 'nosniff'],
  ],
  body,
});

/** Returns the response of `/metrics`: Prometheus' text format. */
export const metricsText = (body: string): HttpResponse => ({
  status: 200,
  headers: [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores']],
  body,
});

/**
 * Returns the response of `/healthz`.
 * @param checks names of the health checks
 * @param excluded names of the checks that the client excludes. Unknown names cause a warning in the text
 * @param isVerbose whether the text lists the checks
 */
export function healthy(checks: readonly string[], excluded: readonly string[], isVerbose: boolean): HttpResponse {
  const unknown = [...new Set(excluded)].filter((name) => !checks.includes(name)).sort();
  // JSON quotes printable names in the same way as Go's %q.
  const names = unknown.map((name) => JSON.stringify(name)).join(',');
  const lines = [
    ...checks.map((check) => `[+]${check} ${excluded.includes(check) ? 'excluded: ' : ''}ok`),
    ...(unknown.length > 0 ? [`warn: some health checks cannot be excluded: no matches for ${names}`] : []),
    'healthz check passed\n',
  ];
  return {
    status: 200,
    headers: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: isVerbose ? lines.join('\n') : 'ok',
  };
}

/** The response of one health check, such as `/healthz/ping`. */
export const checkPassed = plain(200, 'ok');

const escapeHtml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');

/**
 * Returns a redirect to the clean form of a path. The response has a body only if the method is GET.
 * @param location the clean path and the query, one character for each byte that the client sent
 * @param status the status that the kubelet's version of Go uses
 */
export function redirect(method: string, location: string, status: 301 | 307): HttpResponse {
  const readable = method === 'GET' || method === 'HEAD';
  const ascii = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const shown = escapeHtml(decodeText(Buffer.from(location, 'latin1')));
  return {
    status,
    headers: [...(readable ? [['Content-Type', 'text/html; charset=utf-8'] as const] : []), ['Location', ascii]],
    body: method === 'GET' ? `<a href="${shown}">${statusText(status)}</a>.\n\n` : '',
  };
}

/** Returns go-restful's response for a request that no route matches. */
export function noRoute(choice: Exclude<RouteChoice<unknown>, { kind: 'route' }>): HttpResponse {
  if (choice.kind === 'no-path') return plain(404, '404: Page Not Found');
  if (choice.kind === 'no-method') {
    return { status: 405, headers: [['Allow', choice.allowed.join(', ')]], body: '405: Method Not Allowed' };
  }
  return plain(406, `406: Not Acceptable\n\nAvailable representations: ${choice.available.join(', ')}`);
}

/** Returns a response with a JSON document. */
export const json = (body: string): HttpResponse => ({
  status: 200,
  headers: [['Content-Type', 'application/json']],
  body,
});

/** Returns the response for a new checkpoint. Like a kubelet, it does not escape the path. */
export const checkpointCreated = (location: string): HttpResponse => json(`{"items":["${location}"]}`);

/** Returns the response for a checkpoint that was not made. */
export function checkpointRefused(refusal: CheckpointRefusal): HttpResponse {
  switch (refusal.kind) {
    case 'no-pod':
      return plain(404, 'pod does not exist');
    case 'no-container':
      return plain(404, `container ${refusal.container} does not exist`);
    case 'bad-timeout':
      return plain(404, 'cannot parse value of timeout parameter');
    case 'failed':
      return plain(
        500,
        `checkpointing of ${refusal.namespace}/${refusal.pod}/${refusal.container} failed (${refusal.reason})`,
      );
  }
}
