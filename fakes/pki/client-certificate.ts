// Who a client certificate names, and whether an authority of the bundle stands behind it: judged as Go's x509 does.
import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../go/net-http/exchange';
import type { ClientBundle } from './client-bundle';
import { withAuthenticatedGroup } from './users';

/** What a connection says of its client. */
export type CertificateClaim = { readonly user: UserInfo } | 'none' | 'bad';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_USAGE = '2.5.29.37.0';
/** Attribute of a subject that holds a user's uid. */
const UID_ATTRIBUTE = /^1\.3\.6\.1\.4\.1\.57683\.2=(.*)$/m;
const MAX_CHAIN = 10;

const many = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const isInForce = (certificate: X509Certificate, now: number) =>
  Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);

const isForClients = ({ keyUsage }: X509Certificate) =>
  keyUsage === undefined || keyUsage.includes(CLIENT_AUTH) || keyUsage.includes(ANY_USAGE);

const signedBy = (certificate: X509Certificate, issuer: X509Certificate) =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** Whether a chain leads from the certificate to one of the authorities. */
function isTrusted(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  now: number,
  depth = 0,
): boolean {
  if (!isInForce(leaf, now) || !isForClients(leaf) || depth > MAX_CHAIN) return false;
  if (authorities.some((authority) => isInForce(authority, now) && signedBy(leaf, authority))) return true;
  return sent.some(
    (issuer) =>
      issuer !== leaf &&
      signedBy(leaf, issuer) &&
      isTrusted(
        issuer,
        sent.filter((other) => other !== issuer),
        authorities,
        now,
        depth + 1,
      ),
  );
}

/** UserInfo of a subject: name from the common name, groups from the organizations. */
function userOf(certificate: X509Certificate): UserInfo | undefined {
  const { CN, O }: { readonly CN?: string | string[]; readonly O?: string | string[] } =
    certificate.toLegacyObject().subject;
  // Of several common names Go keeps the last.
  const name = many(CN).at(-1);
  if (!name) return undefined;
  const uid = UID_ATTRIBUTE.exec(certificate.subject)?.[1];
  const digest = createHash('sha256').update(certificate.raw).digest('hex');
  return withAuthenticatedGroup({
    name,
    groups: many(O),
    ...(uid && { uid }),
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
  });
}

/** Certificates that came with the first one. */
function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let at = leaf.issuerCertificate; at && chain.length < MAX_CHAIN; at = at.issuerCertificate) {
    if (chain.some((seen) => seen.fingerprint256 === at?.fingerprint256)) break;
    chain.push(at);
  }
  return chain;
}

/** What the client of one connection may call itself, looked at anew when the bundle changes or the certificate ends: by real time, as everybody makes certificates. */
export function claimOf(socket: TLSSocket, bundle: ClientBundle): () => CertificateClaim {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return () => 'none';
  const sent = chainOf(leaf);
  const user = userOf(leaf);
  const until = Date.parse(leaf.validTo);
  let judged = -1;
  let trusted = false;
  return () => {
    bundle.refresh();
    if (judged !== bundle.version) {
      judged = bundle.version;
      trusted = isTrusted(leaf, sent, bundle.authorities, Date.now());
    }
    if (!trusted || Date.now() > until) return 'bad';
    return user ? { user } : 'none';
  };
}
