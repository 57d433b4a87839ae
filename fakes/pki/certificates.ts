// Makes certificates: an authority, and certificates that it signs for an endpoint and its clients.
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Extension, Name, X509Certificate } from '@peculiar/x509';

type X509 = typeof import('@peculiar/x509');

/** A certificate, followed by the certificates of subordinate authorities, and its key. Both are PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The certificates of a kubelet. */
export interface Certificates {
  /** Certificate of the authority, in PEM. The authority's key is not kept. */
  readonly authority: string;
  /** Certificate for the endpoint. */
  readonly serving: KeyPair;
  /** Certificate for a client in the group system:masters. */
  readonly client: KeyPair;
  /** Certificates for the given users, in their order. */
  readonly others: readonly KeyPair[];
}

/** The user in a client certificate. */
export interface CertificateUser {
  readonly name: string;
  readonly groups: readonly string[];
}

const ADMIN: CertificateUser = { name: 'admin', groups: ['system:masters'] };

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;
const LIFE_MS = 365 * 24 * HOUR_MS;

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Returns a serial number. Its first byte is below 0x80, so that the number is positive. */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;

type Period = ReturnType<typeof validity>;

/** Returns a validity that starts an hour ago, because the clocks of clients may be late. */
const validity = () => ({ notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + LIFE_MS) });

/** Returns a validity of one day that ended an hour ago. */
const pastValidity = () => ({
  notBefore: new Date(Date.now() - 25 * HOUR_MS),
  notAfter: new Date(Date.now() - HOUR_MS),
});

const pemOf = (key: webcrypto.CryptoKey) => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();

/** A certificate authority. */
export interface Authority {
  /** The authority's certificate in PEM. */
  readonly certificate: string;
  /**
   * Makes a certificate for an endpoint.
   *
   * @param names host names and IP addresses of the endpoint
   */
  serving(names: readonly string[]): Promise<KeyPair>;
  /**
   * Makes a certificate for a client.
   *
   * @param kind `expired`: the certificate expired an hour ago. `any-usage`: it does not name a purpose. Default: a
   * valid client certificate
   */
  client(user: CertificateUser, kind?: 'expired' | 'any-usage'): Promise<KeyPair>;
  /**
   * Makes a subordinate authority whose certificate this authority signs. Certificates that the subordinate authority
   * signs are followed by its own certificate.
   */
  subordinate(): Promise<Authority>;
}

interface Issuer {
  readonly own: X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
  /** Certificates of the subordinate authorities up to the root, in PEM. */
  readonly chain: string;
}

interface SigningOptions {
  readonly usage?: 'serverAuth' | 'clientAuth';
  readonly hosts?: readonly string[];
  readonly period?: Period;
}

function authorityOf(x509: X509, { own, privateKey, chain }: Issuer): Authority {
  const signed = async (subject: ConstructorParameters<typeof Name>[0], period: Period, extensions: Extension[]) => {
    const pair = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...period,
      serialNumber: serialNumber(),
      subject,
      issuer: own.subject,
      publicKey: pair.publicKey,
      signingKey: privateKey,
      signingAlgorithm: ALGORITHM,
      // Strict clients, such as Python's, require the two identifiers (RFC 5280, 4.2.1.1 and 4.2.1.2).
      extensions: [
        ...extensions,
        await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(own.publicKey),
      ],
    });
    return { certificate, privateKey: pair.privateKey };
  };
  const sign = async (
    subject: ConstructorParameters<typeof Name>[0],
    { usage, hosts = [], period }: SigningOptions,
  ) => {
    const names = hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
    const { certificate, privateKey: key } = await signed(subject, period ?? validity(), [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...(usage === undefined ? [] : [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]])]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ]);
    return { certificate: `${certificate.toString('pem')}\n${chain}`, key: pemOf(key) };
  };
  return {
    certificate: `${own.toString('pem')}\n`,
    serving: (hosts) => sign([{ CN: ['kubelet'] }], { usage: 'serverAuth', hosts }),
    client: ({ name, groups }, kind) =>
      sign([...groups.map((group) => ({ O: [group] })), { CN: [name] }], {
        ...(kind !== 'any-usage' && { usage: 'clientAuth' }),
        ...(kind === 'expired' && { period: pastValidity() }),
      }),
    async subordinate() {
      const subject = [{ CN: ['kubelet subordinate authority'] }];
      const { certificate, privateKey: key } = await signed(subject, validity(), authorityExtensions(x509));
      return authorityOf(x509, {
        own: certificate,
        privateKey: key,
        chain: `${certificate.toString('pem')}\n${chain}`,
      });
    },
  };
}

const authorityExtensions = (x509: X509): Extension[] => [
  new x509.BasicConstraintsExtension(true, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
];

/** Loads the library only when certificates are made: the library is half of all code that a kubelet loads. */
async function library(): Promise<X509> {
  require('reflect-metadata');
  // Use `require`, because `import()` reads the library's many files twice, to list their exports and to run them.
  const x509: X509 = require('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

/** Makes a root authority with a new key. */
export async function makeAuthority(): Promise<Authority> {
  const x509 = await library();
  const pair = await newKeys();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serialNumber(),
    name: 'CN=kubelet authority',
    keys: pair,
    signingAlgorithm: ALGORITHM,
    extensions: [...authorityExtensions(x509), await x509.SubjectKeyIdentifierExtension.create(pair.publicKey)],
  });
  return authorityOf(x509, { own, privateKey: pair.privateKey, chain: '' });
}

/**
 * Makes the certificates of a kubelet.
 *
 * @param names host names and IP addresses of the endpoint
 * @param users users that get client certificates, in addition to the user in system:masters
 */
export async function makeCertificates(
  names: readonly string[],
  users: readonly CertificateUser[] = [],
): Promise<Certificates> {
  const authority = await makeAuthority();
  const [serving, client, ...others] = await Promise.all([
    authority.serving(names),
    authority.client(ADMIN),
    ...users.map((user) => authority.client(user)),
  ]);
  return { authority: authority.certificate, serving, client, others };
}
