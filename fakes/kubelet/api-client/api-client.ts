// Posts JSON to an API server. The kubelet uses it for token reviews and access reviews.
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import type { ApiAccess } from './kubeconfig';

/** Maximum size of a response, bytes. Real reviews are smaller. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The response of an API server. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** The value of the Retry-After header. */
  readonly retryAfter: string | undefined;
}

export class ApiClient {
  readonly #agent: http.Agent;
  readonly #url: URL;
  readonly #headers: Record<string, string>;

  /** @throws UserError if the certificates or the key are not valid PEM */
  constructor(readonly access: ApiAccess) {
    const { server, authority, insecure, certificate, key, token } = access;
    this.#url = new URL(server);
    try {
      const secureContext = tls.createSecureContext({ ca: authority, cert: certificate, key });
      this.#agent =
        this.#url.protocol === 'https:'
          ? new https.Agent({ keepAlive: true, secureContext, rejectUnauthorized: !insecure })
          : new http.Agent({ keepAlive: true });
    } catch (error) {
      throw new UserError(
        `The credentials for the API server at ${server} cannot be used (${errorCodeOrText(error)}): give PEM certificates and the matching key.`,
      );
    }
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'kubelet',
      ...(token && { authorization: `Bearer ${token}` }),
    };
  }

  /**
   * Posts a document.
   * @param path path below the server's URL
   * @param document JSON
   * @returns the response, whatever its status
   * @throws the error of Node's HTTP client if the response is missing or incomplete
   */
  post(path: string, document: string, signal: AbortSignal): Promise<ApiAnswer> {
    const prefix = this.#url.pathname.replace(/\/+$/, '');
    const options: https.RequestOptions = {
      method: 'POST',
      agent: this.#agent,
      host: this.#url.hostname.replace(/^\[|\]$/g, ''),
      port: this.#url.port,
      path: `${prefix}${path}`,
      headers: { ...this.#headers, 'content-length': Buffer.byteLength(document) },
      signal,
    };
    return new Promise((resolve, reject) => {
      const request = (this.#url.protocol === 'https:' ? https : http).request(options, (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        response.on('data', (part: Buffer) => {
          parts.push(part);
          bytes += part.length;
          if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error('the response is too long'));
        });
        response.on('error', reject);
        response.on('aborted', () => reject(new Error('the response is incomplete')));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            retryAfter: response.headers['retry-after'],
          }),
        );
      });
      request.on('error', reject);
      request.end(document);
    });
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }
}
