// An HTTP client for specs. The client sends request targets unchanged and returns responses unchanged.
import fs from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { Violation } from '../../specs/subject/expect';
import type { Credentials, HttpAnswer, HttpQuery, RawAnswer, RawQuery } from '../../specs/subject/http';

/**
 * Maximum size of a response, bytes. No rule needs more, and a kubelet must not be able to exhaust the memory of the
 * suite.
 */
const MAX_BODY = 16 * 1024 * 1024;

export interface KubeletAccess {
  /** The kubelet's URL: `https://host:port`, or `http://host:port` for a read-only port. */
  readonly url: string;
  /** Prefix of every request target, such as the path of an API server's node proxy. */
  readonly basePath?: string;
  /** Paths of PEM files. */
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
  readonly insecure?: boolean;
}

const tooLong = () =>
  new Violation('answer', `at most ${MAX_BODY} bytes`, `The response has more than ${MAX_BODY} bytes`);

/** Error codes of a connection that was closed before the response was complete. */
const CUT = ['ECONNRESET', 'EPIPE'];

/**
 * Converts a connection error to a Violation if the server's response was wrong. An unreachable server or a request
 * that the suite cancelled is not a violation.
 */
function asAnswer(error: NodeJS.ErrnoException): Error {
  const { code = '' } = error;
  if (code.startsWith('HPE_')) return new Violation('answer', 'an HTTP response', `The response is not HTTP (${code})`);
  if (CUT.includes(code))
    return new Violation('answer', 'a response', `The server closed the connection without a response (${code})`);
  return error;
}

const file = (path: string | undefined) => (path === undefined ? undefined : fs.readFileSync(path));

/** Certificate and key of a client, PEM. */
interface Identity {
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** Returns the host and port of a URL for net.connect, which needs an IPv6 address without brackets. */
const addressOf = ({ hostname, port, protocol }: URL) => ({
  host: hostname.replace(/^\[(.*)\]$/, '$1'),
  port: Number(port || (protocol === 'http:' ? 80 : 443)),
});

/**
 * Sends each request on a new connection. A correct server may close an idle connection at any moment, and a request on
 * that connection would then fail.
 */
export class KubeletClient {
  readonly #access: KubeletAccess;
  readonly #url: URL;
  readonly #server: { readonly ca: Buffer | undefined; readonly rejectUnauthorized: boolean };
  readonly #identity: Identity;
  /** Agents of the requests that are in progress. */
  readonly #agents = new Set<http.Agent>();

  constructor(access: KubeletAccess) {
    this.#access = access;
    this.#url = new URL(access.url);
    this.#server = { ca: file(access.certificateAuthority), rejectUnauthorized: !access.insecure };
    this.#identity = { cert: file(access.clientCertificate), key: file(access.clientKey) };
  }

  /**
   * Sends one request.
   *
   * @returns the answer
   * @throws Violation if the response is truncated, too long or not HTTP; Error if there was no response
   */
  async request(query: HttpQuery): Promise<HttpAnswer> {
    const { credentials = 'allowed' } = query;
    const agent = this.#newAgent(this.#identityOf(credentials));
    this.#agents.add(agent);
    try {
      return await this.#exchange(query, agent, this.#tokenOf(credentials));
    } finally {
      agent.destroy();
      this.#agents.delete(agent);
    }
  }

  #identityOf(credentials: Credentials): Identity {
    if (credentials === 'allowed') return this.#identity;
    return typeof credentials === 'object' && 'certificate' in credentials
      ? { cert: credentials.certificate, key: credentials.key }
      : {};
  }

  /** Makes an agent with keep-alive. Without keep-alive, the request would ask the server to close the connection. */
  #newAgent(identity: Identity): http.Agent {
    return this.#url.protocol === 'http:'
      ? new http.Agent({ keepAlive: true })
      : new https.Agent({ keepAlive: true, ...this.#server, ...identity });
  }

  /**
   * Sends bytes unchanged and reads until the server closes the connection.
   *
   * @param signal closes the connection when it is aborted
   * @throws Violation if the response is longer than 16 MiB
   */
  raw({ bytes, plain, protocols = [] }: RawQuery, signal?: AbortSignal): Promise<RawAnswer> {
    const address = addressOf(this.#url);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const send = () => socket.write(bytes, 'latin1');
      const socket = plain
        ? net.connect(address, send)
        : tls.connect({ ...address, ...this.#server, ...this.#identity, ALPNProtocols: [...protocols] }, send);
      let length = 0;
      const cancel = () => socket.destroy(new Error('the request was cancelled'));
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_BODY) socket.destroy(tooLong());
      });
      const finish = () => {
        const agreed = socket instanceof tls.TLSSocket && socket.alpnProtocol ? socket.alpnProtocol : undefined;
        socket.destroy();
        resolve({ text: Buffer.concat(chunks).toString(), protocol: agreed });
      };
      // Accept a reset after a response: a server that closes without reading everything resets the connection.
      socket.on('error', (error: NodeJS.ErrnoException) =>
        chunks.length > 0 && CUT.includes(error.code ?? '') ? finish() : reject(asAnswer(error)),
      );
      socket.on('close', () => signal?.removeEventListener('abort', cancel));
      socket.on('end', finish);
    });
  }

  #tokenOf(credentials: Credentials): string | undefined {
    if (credentials === 'allowed') return this.#access.token;
    return typeof credentials === 'object' && 'token' in credentials ? credentials.token : undefined;
  }

  #exchange(
    { method = 'GET', target, headers, body, signal }: HttpQuery,
    agent: http.Agent,
    token: string | undefined,
  ): Promise<HttpAnswer> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    let sentAt = performance.now();
    return new Promise((resolve, reject) => {
      const options = {
        ...addressOf(this.#url),
        method,
        agent,
        path: `${this.#access.basePath ?? ''}${target}`,
        headers: { ...authorization, ...headers },
        ...(signal && { signal }),
      };
      const receive = (response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > MAX_BODY) response.destroy(tooLong());
        });
        response.on('error', (error) => reject(asAnswer(error)));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(chunks).toString(),
            milliseconds: performance.now() - sentAt,
          }),
        );
      };
      const request = (this.#url.protocol === 'http:' ? http : https).request(options, receive);
      // Setting up the connection is not part of the response time.
      request.on('finish', () => {
        sentAt = performance.now();
      });
      request.on('error', (error) => reject(asAnswer(error)));
      request.end(body);
    });
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}
