// Who may ask a kubelet: people whom specs invent, and the API server that a kubelet asks about them.
import type { Credentials, HttpAnswer, HttpQuery } from './http';

/** What somebody may do, as a rule of a role says it; resources with their subresource, as `nodes/checkpoint`. */
export interface Permission {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}

/** Somebody whom no kubelet has heard of before, so that nothing is remembered of them. */
export interface Person {
  readonly name: string;
  readonly groups: readonly string[];
  /** A bearer token. */
  readonly token: Credentials;
  /** A client certificate, where the target can issue one. */
  certificate(): Promise<Credentials>;
}

export interface PersonOptions {
  readonly groups?: readonly string[];
  readonly may?: readonly Permission[];
  /** The token was theirs once. */
  readonly tokenExpired?: true;
}

/** A client certificate to be made. */
export interface CertificateOptions {
  readonly name: string;
  readonly groups?: readonly string[];
  /** It ended an hour ago. */
  readonly expired?: true;
  /** Signed by an authority that the kubelet does not know. */
  readonly authority?: 'another';
}

export type ReviewKind = 'TokenReview' | 'SubjectAccessReview';

/** A review as the kubelet asked for it. */
export interface SeenReview {
  readonly kind: ReviewKind;
  readonly spec: unknown;
}

/** The API server of a node whose kubelet asks it who somebody is and what they may do. */
export interface ApiServer {
  /** The node's name in the cluster. */
  readonly nodeName: string;
  /** Valid from now on. */
  person(options?: PersonOptions): Person;
  reviewsDuring(action: () => Promise<unknown>): Promise<readonly SeenReview[]>;
  /** Runs `action` while reviews of this kind are answered with an internal error. */
  whileFailing<T>(kind: ReviewKind, action: () => Promise<T>): Promise<T>;
  /**
   * One exchange with the kubelet through `/api/v1/nodes/{name}/proxy`; the target is the kubelet's. The API server is in
   * system:masters for the kubelet, or has only what the role system:kubelet-api-admin gives.
   */
  proxied(query: HttpQuery, as?: 'master' | 'kubelet-api-admin'): Promise<HttpAnswer>;
}
