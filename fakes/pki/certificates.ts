// Certificates of one kubelet's life: an authority, and what it signs for the endpoint and for one client.
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Extension, Name, X509Certificate } from '@peculiar/x509';

type X509 = typeof import('@peculiar/x509');

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Certificates {
  /** PEM; the key of the authority is thrown away. */
  readonly authority: string;
  readonly serving: KeyPair;
  /** Of a user in the group system:masters. */
  readonly client: KeyPair;
  /** Of the users that were asked for, in their order. */
  readonly others: readonly KeyPair[];
}

/** Whom a client certificate names. */
export interface CertificateUser {
  readonly name: string;
  readonly groups: readonly string[];
}

const ADMIN: CertificateUser = { name: 'admin', groups: ['system:masters'] };

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;
const LIFE_MS = 365 * 24 * HOUR_MS;

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** The first byte stays below 0x80, so that the number is positive. */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;

type Period = ReturnType<typeof validity>;

/** Validity from an hour ago on, so that clocks may differ. */
const validity = () => ({ notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + LIFE_MS) });

/** A day that is over for an hour. */
const pastValidity = () => ({
  notBefore: new Date(Date.now() - 25 * HOUR_MS),
  notAfter: new Date(Date.now() - HOUR_MS),
});

const pemOf = (key: webcrypto.CryptoKey) => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();

/** Signs what it is asked for; its key never leaves it. */
export interface Authority {
  /** PEM */
  readonly certificate: string;
  /** For an endpoint that answers at these host names and IP addresses. */
  serving(names: readonly string[]): Promise<KeyPair>;
  /** For a client: `expired` has ended an hour ago, `any-usage` does not say what it is for. */
  client(user: CertificateUser, kind?: 'expired' | 'any-usage'): Promise<KeyPair>;
  /** An authority that this one vouches for; what it signs comes with its own certificate behind it. */
  subordinate(): Promise<Authority>;
}

/** How an authority is known to what it signs, and what it sends along. */
interface Issuer {
  readonly own: X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
  /** PEM of the authorities between the root and what is signed. */
  readonly chain: string;
}

/** What a certificate may be used for besides what every one may. */
interface Form {
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
      // RFC 5280, 4.2.1.1 and 4.2.1.2; who verifies strictly, as Python does, asks for them.
      extensions: [
        ...extensions,
        await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(own.publicKey),
      ],
    });
    return { certificate, privateKey: pair.privateKey };
  };
  const sign = async (subject: ConstructorParameters<typeof Name>[0], { usage, hosts = [], period }: Form) => {
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

/** Loaded when certificates are made: it is half of what a kubelet loads, and one with certificates of its own needs none of it. */
async function library(): Promise<X509> {
  require('reflect-metadata');
  // Not import(), which would read its many files twice: once for their names, once to run them.
  const x509: X509 = require('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

/** Makes an authority. */
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
 * Makes all certificates; milliseconds of work.
 * @param names host names and IP addresses at which the endpoint answers
 * @param users who gets a client certificate beside the one in system:masters
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
