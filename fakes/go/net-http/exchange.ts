// Defines HTTP requests, responses, and interceptors between client and handler.
import type { Wrapper } from '../../base/chain';

/** An HTTP request as handlers see it. */
export interface HttpRequest {
  readonly method: string;
  /** The request target exactly as received, with the query. */
  readonly target: string;
  /**
   * Header values by lower-case name. A repeated header has its first value, which is the value that Go's handlers use.
   */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The user; set after authentication. */
  readonly user?: UserInfo;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

/** An authenticated user, as in Kubernetes' `user.Info`. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** Additional attributes from the authenticator. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** An HTTP response. Its headers are sent in this order, with the exact spelling of these names. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** An interceptor of HTTP requests and their responses. */
export type HttpWrapper = Wrapper<HttpRequest, HttpResponse>;
