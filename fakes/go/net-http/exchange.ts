// An HTTP request, its response, and a wrapper around the code that answers one with the other.
import type { Wrapper } from '../../base/chain';

/** One HTTP request as the kubelet's routes see it. */
export interface HttpRequest {
  readonly method: string;
  /** The request target exactly as it came, query included. */
  readonly target: string;
  /** Names in lower case; of several values of one name the first, which is the one that a kubelet looks at. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Who asks, once authentication has said so. */
  readonly user?: UserInfo;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Somebody whom the kubelet has authenticated. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** What else its authenticator says of it. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** One HTTP answer; header names are sent in the case given here, in this order. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export type HttpWrapper = Wrapper<HttpRequest, HttpResponse>;
