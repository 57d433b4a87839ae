// Who asks: by client certificate, by bearer token, or nobody in particular; in the order of a kubelet.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../../go/net-http/exchange';
import type { CertificateClaim } from '../../pki/client-certificate';
import { ANONYMOUS, OWN_USER } from '../../pki/users';
import type { TokenReviewer } from './token-review';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The token of an Authorization header, or undefined where it has none. */
function bearerToken(header: string | undefined): string | undefined {
  const [scheme, token] = (header ?? '').trim().split(' ');
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

/** Decides who asks; undefined: nobody who may. */
export type Authenticator = (
  claim: CertificateClaim,
  authorization: string | undefined,
) => Promise<UserInfo | undefined>;

/**
 * Makes an authenticator. Wrong credentials are refused even where anonymous requests are taken; but who does not have
 * tokens reviewed does not look at them, as a kubelet without webhook authentication does not.
 */
export function authenticator(options: {
  /** Taken without asking anybody. */
  readonly token: string;
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
