// The types for access to a kubelet: users that specs create, and the API server that authenticates and authorizes
// them.
import type { Credentials, HttpAnswer, HttpQuery } from './http';

/** What a user may do, as a rule of a role. A subresource is written after its resource, as in `nodes/checkpoint`. */
export interface Permission {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}

/** A new user, about whom the kubelet has cached nothing. */
export interface ClusterUser {
  readonly name: string;
  readonly groups: readonly string[];
  /** A bearer token. */
  readonly token: Credentials;
  /** Issues a client certificate. Needs `client-certificates`. */
  certificate(): Promise<Credentials>;
}

export interface UserOptions {
  readonly groups?: readonly string[];
  readonly permissions?: readonly Permission[];
  /** Whether the token has expired. */
  readonly tokenExpired?: true;
}

/** A client certificate to issue. */
export interface CertificateOptions {
  /** The user: the certificate's common name. */
  readonly name: string;
  readonly groups?: readonly string[];
  /** Whether the certificate expired an hour ago. */
  readonly expired?: true;
  /** The certificate is signed by an authority that the kubelet does not trust. */
  readonly authority?: 'another';
}

export type ReviewKind = 'TokenReview' | 'SubjectAccessReview';

/** A review that the kubelet requested. */
export interface SeenReview {
  readonly kind: ReviewKind;
  readonly spec: unknown;
}

/** The API server that a kubelet asks to authenticate and authorize users. */
export interface ApiServer {
  /** The node's name in the cluster. */
  readonly nodeName: string;
  /** Creates a user. The kubelet accepts its credentials at once. */
  newUser(options?: UserOptions): ClusterUser;
  /** Runs `action` and returns the reviews that the kubelet requested meanwhile, in order. */
  reviewsDuring(action: () => Promise<unknown>): Promise<readonly SeenReview[]>;
  /** Runs `action` while reviews of this kind fail with an internal error. */
  whileFailing<T>(kind: ReviewKind, action: () => Promise<T>): Promise<T>;
  /**
   * Sends one request to the kubelet through `/api/v1/nodes/{name}/proxy`.
   *
   * @param query the request; its target is the path on the kubelet
   * @param as the API server's own identity for the kubelet: a member of system:masters (default), or a user with only
   * the role system:kubelet-api-admin
   */
  proxied(query: HttpQuery, as?: 'master' | 'kubelet-api-admin'): Promise<HttpAnswer>;
}
