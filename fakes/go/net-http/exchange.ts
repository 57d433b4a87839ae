// An HTTP request, its response, and interceptors between client and handler.
import type { Wrapper } from '../../base/chain';

/** An HTTP request as handlers see it. */
export interface HttpRequest {
  readonly method: string;
  /** The request target exactly as received, with the query. */
  readonly target: string;
  /** Values by lower-case name. A repeated header has its first value, which is the one that Go's handlers use. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The user, after authentication. */
  readonly user?: UserInfo;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

/** An authenticated user, as in Kubernetes' `user.Info`. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** Further attributes from the authenticator. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** An HTTP response. Its headers are sent in this order, and with names in this case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Intercepts HTTP requests and their responses. */
export type HttpWrapper = Wrapper<HttpRequest, HttpResponse>;
