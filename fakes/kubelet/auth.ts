// Who asks: by client certificate, by the one bearer token, or nobody in particular.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { User } from '../wires';

/** What a connection says of its client, looked at once. */
export type CertificateClaim = { readonly user: User } | 'none' | 'bad';

const many = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** User of the client certificate: name from the common name, groups from the organizations. */
export function certificateClaim(socket: TLSSocket): CertificateClaim {
  const { subject } = socket.getPeerCertificate();
  if (!subject) return 'none';
  if (!socket.authorized) return 'bad';
  const { CN, O }: { readonly CN?: string | string[]; readonly O?: string | string[] } = subject;
  const name = many(CN)[0];
  if (!name) return 'none';
  return { user: { name, groups: [...many(O), 'system:authenticated'] } };
}

const TOKEN_USER: User = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The token of an Authorization header, or undefined where it has none. */
function bearerToken(header: string | undefined): string | undefined {
  const [scheme, token] = (header ?? '').trim().split(' ');
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

/** Decides who asks; undefined: nobody who may. */
export type Authenticator = (claim: CertificateClaim, authorization: string | undefined) => User | undefined;

/** Makes an authenticator. Wrong credentials are refused even where anonymous requests are taken. */
export function authenticator(options: { readonly token: string; readonly anonymous: boolean }): Authenticator {
  const expected = digest(options.token);
  return (claim, authorization) => {
    if (typeof claim === 'object') return claim.user;
    const token = bearerToken(authorization);
    if (token !== undefined && timingSafeEqual(digest(token), expected)) return TOKEN_USER;
    return options.anonymous && claim === 'none' && token === undefined ? ANONYMOUS : undefined;
  };
}
