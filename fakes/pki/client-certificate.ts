// Verifies client certificates as Go's crypto/x509 does, and reads the user in them.
import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../go/net-http/exchange';
import type { ClientBundle } from './client-bundle';
import { withAuthenticatedGroup } from './users';

/** The result for a connection: the user of a valid certificate, no certificate, or an invalid certificate. */
export type CertificateClaim = { readonly user: UserInfo } | 'none' | 'bad';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_USAGE = '2.5.29.37.0';
/** The attribute of a subject that contains the user's uid. */
const UID_ATTRIBUTE = /^1\.3\.6\.1\.4\.1\.57683\.2=(.*)$/m;
const MAX_CHAIN = 10;

const listOf = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const isInForce = (certificate: X509Certificate, now: number) =>
  Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);

const isForClients = ({ keyUsage }: X509Certificate) =>
  keyUsage === undefined || keyUsage.includes(CLIENT_AUTH) || keyUsage.includes(ANY_USAGE);

const signedBy = (certificate: X509Certificate, issuer: X509Certificate) =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** Returns whether there is a chain from a certificate to one of the authorities. */
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

/** Reads the user from the subject: the name from the common name, the groups from the organizations. */
function userOf(certificate: X509Certificate): UserInfo | undefined {
  const { CN, O }: { readonly CN?: string | string[]; readonly O?: string | string[] } =
    certificate.toLegacyObject().subject;
  // Go uses the last of several common names.
  const name = listOf(CN).at(-1);
  if (!name) return undefined;
  const uid = UID_ATTRIBUTE.exec(certificate.subject)?.[1];
  const digest = createHash('sha256').update(certificate.raw).digest('hex');
  return withAuthenticatedGroup({
    name,
    groups: listOf(O),
    ...(uid && { uid }),
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
  });
}

/** Returns the certificates that the client sent after its own. */
function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let at = leaf.issuerCertificate; at && chain.length < MAX_CHAIN; at = at.issuerCertificate) {
    if (chain.some((seen) => seen.fingerprint256 === at?.fingerprint256)) break;
    chain.push(at);
  }
  return chain;
}

/**
 * Verifies the client of a connection.
 *
 * @returns a function that is called for each request. It verifies the certificate again if the bundle has changed or
 * the certificate has expired. It uses real time, because certificates are made with real time
 */
export function claimOf(socket: TLSSocket, bundle: ClientBundle): () => CertificateClaim {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return () => 'none';
  const sent = chainOf(leaf);
  const user = userOf(leaf);
  const until = Date.parse(leaf.validTo);
  let verifiedVersion = -1;
  let trusted = false;
  return () => {
    bundle.refresh();
    if (verifiedVersion !== bundle.version) {
      verifiedVersion = bundle.version;
      trusted = isTrusted(leaf, sent, bundle.authorities, Date.now());
    }
    if (!trusted || Date.now() > until) return 'bad';
    return user ? { user } : 'none';
  };
}
