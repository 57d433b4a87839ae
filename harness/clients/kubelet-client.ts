// An HTTP client for specs. It sends request targets unchanged and returns answers unchanged.
import fs from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { Violation } from '../../specs/subject/expect';
import type { HttpAnswer, HttpQuery, RawAnswer, RawQuery } from '../../specs/subject/http';

/**
 * Maximum size of an answer, bytes. No rule needs more, and a kubelet must not be able to exhaust the memory of the
 * suite.
 */
const MAX_BODY = 16 * 1024 * 1024;

export interface KubeletAccess {
  /** `https://host:port`, or `http://host:port` for a read-only port. */
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

/** Errors of a connection that was closed before the answer was complete. */
const CUT = ['ECONNRESET', 'EPIPE'];

/**
 * Turns a connection error into a Violation if the server answered wrongly. That it cannot be reached, or that the
 * suite cancelled the request, is no violation.
 */
function asAnswer(error: NodeJS.ErrnoException): Error {
  const { code = '' } = error;
  if (code.startsWith('HPE_')) return new Violation('answer', 'an HTTP response', `The response is not HTTP (${code})`);
  if (CUT.includes(code))
    return new Violation('answer', 'a response', `The server closed the connection without a response (${code})`);
  return error;
}

const file = (path: string | undefined) => (path === undefined ? undefined : fs.readFileSync(path));

export class KubeletClient {
  readonly #access: KubeletAccess;
  readonly #server: { readonly keepAlive: true; readonly ca: Buffer | undefined; readonly rejectUnauthorized: boolean };
  readonly #allowed: https.Agent;
  readonly #anonymous: https.Agent;

  constructor(access: KubeletAccess) {
    this.#access = access;
    const server = { keepAlive: true, ca: file(access.certificateAuthority), rejectUnauthorized: !access.insecure };
    this.#server = { ...server, keepAlive: true };
    this.#allowed = new https.Agent({ ...server, cert: file(access.clientCertificate), key: file(access.clientKey) });
    this.#anonymous = new https.Agent(server);
  }

  /**
   * Sends one request.
   *
   * @returns the answer
   * @throws Violation if the answer is cut, too long or not HTTP; Error if no answer came
   */
  async request(query: HttpQuery): Promise<HttpAnswer> {
    const { credentials = 'allowed' } = query;
    if (typeof credentials === 'string' || 'token' in credentials) {
      const isAllowed = credentials === 'allowed';
      return await this.#exchange(query, isAllowed ? this.#allowed : this.#anonymous, this.#tokenOf(credentials));
    }
    const { certificate: cert, key } = credentials;
    const agent = new https.Agent({ ...this.#server, cert, key });
    try {
      return await this.#exchange(query, agent, undefined);
    } finally {
      agent.destroy();
    }
  }

  /**
   * Sends bytes unchanged and reads until the server closes the connection.
   *
   * @param signal closes the connection if aborted
   * @throws Violation if the answer is longer than 16 MiB
   */
  raw({ bytes, plain, protocols = [] }: RawQuery, signal?: AbortSignal): Promise<RawAnswer> {
    const { hostname: host, port } = new URL(this.#access.url);
    const { cert, key } = this.#allowed.options;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const send = () => socket.write(bytes, 'latin1');
      const socket = plain
        ? net.connect({ host, port: Number(port) }, send)
        : tls.connect({ host, port: Number(port), ...this.#server, cert, key, ALPNProtocols: [...protocols] }, send);
      let length = 0;
      const cancel = () => socket.destroy(new Error('nobody waits for this answer any more'));
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_BODY) socket.destroy(tooLong());
      });
      socket.on('error', reject);
      socket.on('close', () => signal?.removeEventListener('abort', cancel));
      socket.on('end', () => {
        const agreed = socket instanceof tls.TLSSocket && socket.alpnProtocol ? socket.alpnProtocol : undefined;
        socket.destroy();
        resolve({ text: Buffer.concat(chunks).toString(), protocol: agreed });
      });
    });
  }

  #tokenOf(credentials: 'allowed' | 'none' | { readonly token: string }): string | undefined {
    if (credentials === 'allowed') return this.#access.token;
    return credentials === 'none' ? undefined : credentials.token;
  }

  #exchange(
    { method = 'GET', target, headers, body, signal }: HttpQuery,
    agent: https.Agent,
    token: string | undefined,
  ): Promise<HttpAnswer> {
    const { protocol, hostname, port } = new URL(this.#access.url);
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const options = {
        ...{
          hostname,
          port,
          method,
          path: `${this.#access.basePath ?? ''}${target}`,
          headers: { ...authorization, ...headers },
        },
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
            milliseconds: performance.now() - started,
          }),
        );
      };
      const request =
        protocol === 'http:' ? http.request(options, receive) : https.request({ ...options, agent }, receive);
      request.on('error', (error) => reject(asAnswer(error)));
      request.end(body);
    });
  }

  close(): void {
    this.#allowed.destroy();
    this.#anonymous.destroy();
  }
}
