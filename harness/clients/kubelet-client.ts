// An HTTP client for specs: sends a request target as it stands and keeps what came back.
import fs from 'node:fs';
import https from 'node:https';
import type { HttpAnswer, HttpQuery } from '../../specs/subject';

/** Longest body that a spec looks at, bytes; a longer one is an error, not a reason to run out of memory. */
const LONGEST_BODY = 16 * 1024 * 1024;

export interface KubeletAccess {
  /** `https://host:port`. */
  readonly url: string;
  /** Paths of PEM files. */
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
  readonly insecure?: boolean;
}

const file = (path: string | undefined) => (path === undefined ? undefined : fs.readFileSync(path));

export class KubeletClient {
  readonly #access: KubeletAccess;
  readonly #allowed: https.Agent;
  readonly #stranger: https.Agent;

  constructor(access: KubeletAccess) {
    this.#access = access;
    const server = { keepAlive: true, ca: file(access.certificateAuthority), rejectUnauthorized: !access.insecure };
    this.#allowed = new https.Agent({ ...server, cert: file(access.clientCertificate), key: file(access.clientKey) });
    this.#stranger = new https.Agent(server);
  }

  /** One exchange. Rejects when no answer comes: refused, cut, or too long. */
  request({ method = 'GET', target, headers, credentials = 'allowed' }: HttpQuery): Promise<HttpAnswer> {
    const { hostname, port } = new URL(this.#access.url);
    const token =
      credentials === 'allowed' ? this.#access.token : credentials === 'none' ? undefined : credentials.token;
    const agent = credentials === 'allowed' ? this.#allowed : this.#stranger;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const options = { hostname, port, method, path: target, agent, headers: { ...authorization, ...headers } };
      const request = https.request(options, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > LONGEST_BODY) response.destroy(new Error(`the body is longer than ${LONGEST_BODY} bytes`));
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(chunks).toString(),
            milliseconds: performance.now() - started,
          }),
        );
      });
      request.on('error', reject);
      request.end();
    });
  }

  close(): void {
    this.#allowed.destroy();
    this.#stranger.destroy();
  }
}
