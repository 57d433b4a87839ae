// Certificates of one kubelet's life: an authority, and what it signs for the endpoint and for one client.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

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

const keys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** The first byte stays below 0x80, so that the number is positive. */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;

/** Validity from an hour ago on, so that clocks may differ. */
const validity = () => ({ notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + LIFE_MS) });

/** A day that is over for an hour. */
const pastValidity = () => ({
  notBefore: new Date(Date.now() - 25 * HOUR_MS),
  notAfter: new Date(Date.now() - HOUR_MS),
});

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Signs what it is asked for; its key never leaves it. */
export interface Authority {
  /** PEM */
  readonly certificate: string;
  /** For an endpoint that answers at these host names and IP addresses. */
  serving(names: readonly string[]): Promise<KeyPair>;
  /** For a client; `expired` has ended an hour ago. */
  client(user: CertificateUser, expired?: 'expired'): Promise<KeyPair>;
}

/** Makes an authority. */
export async function makeAuthority(): Promise<Authority> {
  cryptoProvider.set(webcrypto);
  const authorityKeys = await keys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serialNumber(),
    name: 'CN=kubelet authority',
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const sign = async (
    subject: ConstructorParameters<typeof Name>[0],
    usage: string,
    { hosts = [], period = validity() }: { hosts?: readonly string[]; period?: ReturnType<typeof validity> },
  ) => {
    const own = await keys();
    const certificate = await X509CertificateGenerator.create({
      ...period,
      serialNumber: serialNumber(),
      subject,
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usage]),
        ...(hosts.length > 0
          ? [new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })))]
          : []),
      ],
    });
    return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(own.privateKey) };
  };
  return {
    certificate: `${authority.toString('pem')}\n`,
    serving: (hosts) => sign([{ CN: ['kubelet'] }], ExtendedKeyUsage.serverAuth, { hosts }),
    client: ({ name, groups }, expired) =>
      sign([...groups.map((group) => ({ O: [group] })), { CN: [name] }], ExtendedKeyUsage.clientAuth, {
        ...(expired && { period: pastValidity() }),
      }),
  };
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
