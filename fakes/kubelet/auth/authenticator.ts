// Finds the user of a request: by client certificate, then by bearer token, then anonymous, in the kubelet's order.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../../go/net-http/exchange';
import type { CertificateClaim } from '../../pki/client-certificate';
import { ANONYMOUS, OWN_USER } from '../../pki/users';
import type { TokenReviewer } from './token-review';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Returns the token of an Authorization header; undefined if the header contains no token. */
function bearerToken(header: string | undefined): string | undefined {
  const [scheme, token] = (header ?? '').trim().split(' ');
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

/** A function that returns the user of a request; undefined if the request must be rejected. */
export type Authenticator = (
  claim: CertificateClaim,
  authorization: string | undefined,
) => Promise<UserInfo | undefined>;

/**
 * Creates an authenticator. Wrong credentials are rejected even if anonymous requests are accepted. Without a reviewer,
 * unknown tokens are ignored, as in a kubelet without webhook authentication.
 */
export function authenticator(options: {
  /** The token that is accepted without a review. */
  readonly token: string;
  /** Whether requests without credentials are accepted. */
  readonly anonymous: boolean;
  readonly reviewer?: TokenReviewer | undefined;
}): Authenticator {
  const expected = digest(options.token);
  return async (claim, authorization) => {
    if (typeof claim === 'object') return claim.user;
    const token = bearerToken(authorization);
    if (token !== undefined) {
      if (timingSafeEqual(digest(token), expected)) return OWN_USER;
      if (options.reviewer) return options.reviewer.userOf(token);
    }
    return options.anonymous && claim === 'none' ? ANONYMOUS : undefined;
  };
}
