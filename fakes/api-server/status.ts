// Makes the API server's own responses, which are Status objects.
import type { HttpResponse } from '../go/net-http/exchange';

const JSON_HEADERS = [
  ['Cache-Control', 'no-cache, private'],
  ['Content-Type', 'application/json'],
] as const;

/** Returns a response with a JSON document. */
export const document = (status: number, value: object): HttpResponse => ({
  status,
  headers: JSON_HEADERS,
  body: `${JSON.stringify(value)}\n`,
});

function failure(code: number, reason: string, message: string, details?: object): HttpResponse {
  return document(code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details && { details }),
    code,
  });
}

export const apiUnauthorized = failure(401, 'Unauthorized', 'Unauthorized');

export const notFound = failure(404, 'NotFound', 'the server could not find the requested resource', {});

export const internalError = failure(
  500,
  'InternalError',
  'Internal error occurred: the fake API server is configured to fail',
);

export const badRequest = (message: string) => failure(400, 'BadRequest', message);

/** Returns the response to a request whose body exceeds the limit, bytes. */
export const tooLarge = (limit: number) =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);

export const methodNotAllowed = failure(
  405,
  'MethodNotAllowed',
  'the server does not allow this method on the requested resource',
  {},
);

export const noNode = (name: string) => failure(404, 'NotFound', `nodes "${name}" not found`, { name, kind: 'nodes' });

/** Returns the response for a missing permission on a cluster resource. */
export function apiForbidden(user: string, verb: string, resource: string, name: string, group: string): HttpResponse {
  const what = `User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" at the cluster scope`;
  const kind = resource.split('/')[0] ?? resource;
  const message = name ? `${kind} "${name}" is forbidden: ${what}` : `${kind}.${group} is forbidden: ${what}`;
  return failure(403, 'Forbidden', message, { ...(name && { name }), ...(group && { group }), kind });
}

/** Returns the response for a kubelet that cannot be reached. */
export const unreachable = (why: string) =>
  failure(503, 'ServiceUnavailable', `error trying to reach service: ${why}`, {});
