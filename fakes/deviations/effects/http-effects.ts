// Small wrappers at the HTTP wire that deviations are put together from.
import type { HttpRequest, HttpResponse, HttpWrapper } from '../../go/net-http/exchange';

/** Whether a request is for the checkpoint path or what stands in its place. */
export const isCheckpoint = ({ target }: HttpRequest) => /^\/*checkpoint(\/|$|\?)/.test(target);

/** Changes requests to the checkpoint path before the kubelet sees them. */
export const asking =
  (change: (request: HttpRequest) => HttpRequest): HttpWrapper =>
  (request, next) =>
    next(isCheckpoint(request) ? change(request) : request);

/** Changes answers of the checkpoint path. */
export const answering =
  (change: (response: HttpResponse, request: HttpRequest) => HttpResponse): HttpWrapper =>
  async (request, next) => {
    const response = await next(request);
    return isCheckpoint(request) ? change(response, request) : response;
  };

/** Another status where status and body fit. */
export const status = (from: number, body: RegExp, to: number): HttpWrapper =>
  answering((response) =>
    response.status === from && body.test(response.body) ? { ...response, status: to } : response,
  );

/** Any answer becomes an empty success where status and body fit. */
export const success = (from: number, body: RegExp): HttpWrapper =>
  answering((response) =>
    response.status === from && body.test(response.body)
      ? { status: 200, headers: [['Content-Type', 'application/json']], body: '{"items":[]}' }
      : response,
  );

/** Changes the values of the `timeout` parameter, in their order; what is undefined goes. */
export const timeouts = (change: (values: readonly string[]) => readonly string[]): HttpWrapper =>
  asking((request) => {
    const [path = '', query = ''] = request.target.split('?', 2);
    const pairs = query === '' ? [] : query.split('&');
    const isTimeout = (pair: string) => pair === 'timeout' || pair.startsWith('timeout=');
    const values = change(pairs.filter(isTimeout).map((pair) => pair.slice('timeout='.length)));
    const all = [...pairs.filter((pair) => !isTimeout(pair)), ...values.map((value) => `timeout=${value}`)];
    return { ...request, target: all.length === 0 ? path : `${path}?${all.join('&')}` };
  });

/** Changes the path of the archive in a successful body. */
export const answeredPath = (change: (path: string) => string): HttpWrapper =>
  answering((response) =>
    response.status === 200
      ? {
          ...response,
          body: response.body.replace(/^\{"items":\["(.*)"\]\}$/, (_, path) => `{"items":["${change(path)}"]}`),
        }
      : response,
  );

/** Cuts the body off after some bytes; the headers promise all of it, and the connection ends. */
export function truncated(response: HttpResponse, bytes: number): HttpResponse {
  const body = Buffer.from(response.body);
  const headers = response.headers.filter(([name]) => !/^(content-length|connection|transfer-encoding)$/i.test(name));
  return {
    ...response,
    headers: [...headers, ['Content-Length', String(body.length)], ['Connection', 'close']],
    body: body.subarray(0, bytes).toString(),
  };
}
