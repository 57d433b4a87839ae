// HTTP requests that a spec sends, and their responses.

/** What a request authenticates with: `allowed` may checkpoint. Certificate and key are PEM. */
export type Credentials =
  | 'allowed'
  | 'none'
  | { readonly token: string }
  | { readonly certificate: string; readonly key: string };

export interface HttpQuery {
  /** Default: GET. */
  readonly method?: string;
  /** Request target, sent as it is. */
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
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Time from the last byte of the request to the last byte of the response, milliseconds. */
  readonly milliseconds: number;
}

/** Bytes to send on a new connection with valid credentials. */
export interface RawQuery {
  readonly bytes: string;
  /** Send them without TLS. */
  readonly plain?: true;
  /** Protocols to offer in ALPN. Default: none. */
  readonly protocols?: readonly string[];
}

export interface RawAnswer {
  /** Everything that arrived until the other side closed the connection. */
  readonly text: string;
  /** The protocol that ALPN selected. */
  readonly protocol: string | undefined;
}
