// Domain outcomes to HTTP: status, headers, body. The only such place; the server adds date, length and framing.
import type { HttpResponse } from '../go/net-http/exchange';
import { statusText } from '../go/net-http/status-text';
import type { RouteChoice } from '../go/restful';
import { decodeText } from '../go/text';
import type { Permission } from './auth/authorizer';
import type { CheckpointRefusal } from './checkpoint';

/** An answer whose handler sets no header of its own; its content type is found from the body. */
const plain = (status: number, body: string): HttpResponse => ({ status, headers: [], body });

/** What `http.Error` writes. */
const httpError = (status: number, text: string): HttpResponse => ({
  status,
  headers: [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ],
  body: `${text}\n`,
});

/** A path under no known prefix. */
export const unknownPath = httpError(404, '404 page not found');

/** `OPTIONS *`, which Go's server answers by itself. */
export const globalOptions: HttpResponse = { status: 200, headers: [['Content-Length', '0']], body: '' };

/** Any other method on `*`. */
export const badTarget: HttpResponse = { status: 400, headers: [['Connection', 'close']], body: '' };

/** A path of a kubelet that only asks for leave here. */
export const notFaked = httpError(501, 'This path of a kubelet is not faked.');

/** Nobody known asks. */
export const unauthorized = plain(401, 'Unauthorized');

/** No leave: refused, or nobody could say. Older kubelets name one subresource, and end no line. */
export function forbidden(
  user: string,
  permission: Exclude<Permission, { kind: 'allowed' }>,
  asList: boolean,
): HttpResponse {
  const about = `(user=${user}, verb=${permission.verb}, resource=nodes,`;
  if (permission.kind === 'unknown') {
    return plain(500, `Authorization error ${about} subresource=${permission.subresource})`);
  }
  const tried = permission.subresources.join(' ');
  return plain(
    403,
    asList ? `Forbidden ${about} subresource(s)=[${tried}])\n` : `Forbidden ${about} subresource=${tried})`,
  );
}

/** What enableDebuggingHandlers switches off. */
export const debuggingDisabled = httpError(405, 'Debug endpoints are disabled.');

/** The configuration, as `/configz` shows it. */
export const shownConfiguration = (body: string): HttpResponse => ({
  status: 200,
  headers: [
    ['Content-Type', 'application/json'],
    ['X-Content-Type-Options', 'nosniff'],
  ],
  body,
});

/** Metrics in Prometheus' text format. */
export const metricsText = (body: string): HttpResponse => ({
  status: 200,
  headers: [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores']],
  body,
});

/** Readiness by the handler of the whole; `excluded` are the names of checks that are not to be made. */
export function healthy(checks: readonly string[], excluded: readonly string[], isVerbose: boolean): HttpResponse {
  const unknown = [...new Set(excluded)].filter((name) => !checks.includes(name)).sort();
  // Quoted as Go's %q does it, as far as names can be printed.
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

/** Readiness by the handler of one check. */
export const checkPassed = plain(200, 'ok');

const escapeHtml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');

/**
 * Sends the client to a cleaner path; only a GET gets a body.
 * @param location with bytes of the query as they came, one character each
 * @param status what the Go of that kubelet uses for it
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

/** Why no route was found, as go-restful says it. */
export function noRoute(choice: Exclude<RouteChoice<unknown>, { kind: 'route' }>): HttpResponse {
  if (choice.kind === 'no-path') return plain(404, '404: Page Not Found');
  if (choice.kind === 'no-method') {
    return { status: 405, headers: [['Allow', choice.allowed.join(', ')]], body: '405: Method Not Allowed' };
  }
  return plain(406, `406: Not Acceptable\n\nAvailable representations: ${choice.available.join(', ')}`);
}

/** A JSON document. */
export const json = (body: string): HttpResponse => ({
  status: 200,
  headers: [['Content-Type', 'application/json']],
  body,
});

/** The one location of a new archive; put into the text without escaping, as the kubelet does. */
export const checkpointed = (location: string): HttpResponse => json(`{"items":["${location}"]}`);

/** Why there is no checkpoint. */
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
