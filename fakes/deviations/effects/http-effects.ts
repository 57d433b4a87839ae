// Makes the small HTTP interceptors of which deviations consist.
import type { HttpRequest, HttpResponse, HttpWrapper } from '../../go/net-http/exchange';

/** Returns whether a request is for the checkpoint path or for a path that is cleaned to it. */
export const isCheckpoint = ({ target }: HttpRequest) => /^\/*checkpoint(\/|$|\?)/.test(target);

/** Makes an interceptor that changes requests to the checkpoint path before the kubelet handles them. */
export const changeRequest =
  (change: (request: HttpRequest) => HttpRequest): HttpWrapper =>
  (request, next) =>
    next(isCheckpoint(request) ? change(request) : request);

/** Makes an interceptor that changes responses of the checkpoint path. */
export const changeResponse =
  (change: (response: HttpResponse, request: HttpRequest) => HttpResponse): HttpWrapper =>
  async (request, next) => {
    const response = await next(request);
    return isCheckpoint(request) ? change(response, request) : response;
  };

/** Makes an interceptor that replaces the status of responses whose status and body match. */
export const status = (from: number, body: RegExp, to: number): HttpWrapper =>
  changeResponse((response) =>
    response.status === from && body.test(response.body) ? { ...response, status: to } : response,
  );

/** Makes an interceptor that replaces every response whose status and body match with an empty success. */
export const success = (from: number, body: RegExp): HttpWrapper =>
  changeResponse((response) =>
    response.status === from && body.test(response.body)
      ? { status: 200, headers: [['Content-Type', 'application/json']], body: '{"items":[]}' }
      : response,
  );

/** Makes an interceptor that replaces all values of the `timeout` parameter with the values that `change` returns. */
export const timeouts = (change: (values: readonly string[]) => readonly string[]): HttpWrapper =>
  changeRequest((request) => {
    const [path = '', query = ''] = request.target.split('?', 2);
    const pairs = query === '' ? [] : query.split('&');
    const isTimeout = (pair: string) => pair === 'timeout' || pair.startsWith('timeout=');
    const values = change(pairs.filter(isTimeout).map((pair) => pair.slice('timeout='.length)));
    const all = [...pairs.filter((pair) => !isTimeout(pair)), ...values.map((value) => `timeout=${value}`)];
    return { ...request, target: all.length === 0 ? path : `${path}?${all.join('&')}` };
  });

/** Makes an interceptor that changes the path of the archive in the body of a successful response. */
export const changeArchivePath = (change: (path: string) => string): HttpWrapper =>
  changeResponse((response) =>
    response.status === 200
      ? {
          ...response,
          body: response.body.replace(/^\{"items":\["(.*)"\]\}$/, (_, path) => `{"items":["${change(path)}"]}`),
        }
      : response,
  );

/**
 * Truncates the body of a response. The headers still contain the full length, and the connection is closed.
 * @param bytes number of bytes of the body that are sent
 */
export function truncated(response: HttpResponse, bytes: number): HttpResponse {
  const body = Buffer.from(response.body);
  const headers = response.headers.filter(([name]) => !/^(content-length|connection|transfer-encoding)$/i.test(name));
  return {
    ...response,
    headers: [...headers, ['Content-Length', String(body.length)], ['Connection', 'close']],
    body: body.subarray(0, bytes).toString(),
  };
}
