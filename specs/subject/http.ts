// HTTP requests that a spec sends, and their responses.

/**
 * The credentials of a request. The user of `allowed` has permission to checkpoint. Certificate and key are in PEM
 * format.
 */
export type Credentials =
  | 'allowed'
  | 'none'
  | { readonly token: string }
  | { readonly certificate: string; readonly key: string };

export interface HttpQuery {
  /** Default: GET. */
  readonly method?: string;
  /** Request target, sent unchanged. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: `allowed`. */
  readonly credentials?: Credentials;
  /** When it is aborted, the client disconnects and the request rejects. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Header values by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Time from the last byte of the request to the last byte of the response, milliseconds. */
  readonly milliseconds: number;
}

/** Bytes to send on a new connection with valid credentials. */
export interface RawQuery {
  readonly bytes: string;
  /** Whether to send the bytes without TLS. */
  readonly plain?: true;
  /** Protocols to offer in ALPN. Default: none. */
  readonly protocols?: readonly string[];
}

export interface RawAnswer {
  /** All text received until the server closed the connection. */
  readonly text: string;
  /** The protocol that ALPN selected. */
  readonly protocol: string | undefined;
}
