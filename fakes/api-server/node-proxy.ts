// Implements the API server's proxy path to a kubelet. It forwards requests with the API server's own certificate, and
// returns the responses unchanged.
import https from 'node:https';
import { errorCodeOrText } from '../base/error-text';
import type { HttpRequest, HttpResponse } from '../go/net-http/exchange';
import { unreachable } from './status';

/** The address and the authority of a kubelet. */
export interface ProxiedNode {
  /** URL of the kubelet: `https://HOST:PORT`. */
  readonly url: string;
  /** PEM of the certificate authority that signed the kubelet's certificate. */
  readonly authority: string;
}

/** Headers that are not forwarded: headers for a single hop, and credentials, which are only for the API server. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
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
const NOT_RETURNED: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);

/** Returns the name of a node from its form in the API server's paths, `[https:]NAME[:PORT]`. */
export const nodeNameIn = (segment: string): string => segment.replace(/^https?:/, '').replace(/:[0-9]*$/, '');

const forwardedHeaders = (headers: HttpRequest['headers']) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => value !== undefined && !NOT_FORWARDED.has(name)),
  );

/** Returns the headers as pairs, in their original order and case. */
function pairsOf(raw: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!NOT_RETURNED.has(name.toLowerCase())) pairs.push([name, raw[i + 1] ?? '']);
  }
  return pairs;
}

/** Adds the proxy prefix to a redirect of the kubelet, as API servers do. */
function behindProxy(location: string, prefix: string): string {
  return location.startsWith('/') && !location.startsWith(prefix) ? prefix + location : location;
}

/**
 * Forwards a request to a node's kubelet.
 * @param prefix the part of the API server's path before the kubelet's path
 * @param target path and query for the kubelet
 * @param agent the agent with the API server's client certificate
 */
export function forward(
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
    headers: { ...forwardedHeaders(request.headers), ...(body.length > 0 && { 'content-length': body.length }) },
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
