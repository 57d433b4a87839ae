// The path of an API server to a kubelet: the request goes on with the API server's own certificate, the answer comes back as it is.
import https from 'node:https';
import { errorCodeOrText } from '../base/error-text';
import type { HttpRequest, HttpResponse } from '../go/net-http/exchange';
import { unreachable } from './status';

/** How a kubelet is reached. */
export interface ProxiedNode {
  /** `https://HOST:PORT` */
  readonly url: string;
  /** PEM by which it is known. */
  readonly authority: string;
}

/** Headers that end at a hop, and the credentials, which were for the API server. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const NOT_PASSED_BACK: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);

/** Name in `[https:]NAME[:PORT]`, as the API server's paths have it. */
export const nodeNameIn = (segment: string): string => segment.replace(/^https?:/, '').replace(/:[0-9]*$/, '');

const passedOn = (headers: HttpRequest['headers']) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => value !== undefined && !NOT_PASSED_ON.has(name)),
  );

/** Pairs of `rawHeaders`, as they came. */
function pairsOf(raw: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!NOT_PASSED_BACK.has(name.toLowerCase())) pairs.push([name, raw[i + 1] ?? '']);
  }
  return pairs;
}

/** Where a client finds a place to which the kubelet sends it: behind the same prefix, as an API server rewrites it. */
function behindProxy(location: string, prefix: string): string {
  return location.startsWith('/') && !location.startsWith(prefix) ? prefix + location : location;
}

/**
 * Asks a node's kubelet.
 * @param prefix what stands in front of the kubelet's paths in those of the API server
 * @param target path and query for the kubelet
 * @param agent carries the client certificate of the API server
 */
export function passOn(
  node: ProxiedNode,
  { prefix, target }: { readonly prefix: string; readonly target: string },
  request: HttpRequest,
  body: Buffer,
  agent: https.Agent,
): Promise<HttpResponse> {
  const url = new URL(node.url);
  const options: https.RequestOptions = {
    method: request.method,
    agent,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: target,
    ca: node.authority,
    headers: { ...passedOn(request.headers), ...(body.length > 0 && { 'content-length': body.length }) },
    signal: request.signal,
  };
  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve(unreachable(errorCodeOrText(error)));
    const outgoing = https.request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', failed);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 502,
          headers: pairsOf(response.rawHeaders).map(([name, value]) => [
            name,
            name.toLowerCase() === 'location' ? behindProxy(value, prefix) : value,
          ]),
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
