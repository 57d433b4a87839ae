// What a spec may send over HTTP, and what comes back.

/** Who a request claims to be from; certificate and key are PEM. */
export type Credentials =
  | 'allowed'
  | 'none'
  | { readonly token: string }
  | { readonly certificate: string; readonly key: string };

export interface HttpQuery {
  readonly method?: string;
  /** Request target as it goes over the wire. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credentials?: Credentials;
  /** Aborted: the client goes away, and the request rejects. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the request's last byte to the answer's, milliseconds. */
  readonly milliseconds: number;
}

/** Bytes on a connection of their own, with valid credentials; all that comes until the other side ends it is read. */
export interface RawQuery {
  readonly bytes: string;
  /** Without TLS. */
  readonly plain?: true;
  /** What is offered in ALPN; default: nothing. */
  readonly protocols?: readonly string[];
}

export interface RawAnswer {
  readonly text: string;
  /** What ALPN agreed on. */
  readonly protocol: string | undefined;
}
