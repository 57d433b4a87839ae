// X.509 certificates (RFC 5280) on P-256 keys. A library for them takes longer to load than a kubelet may take to start.
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  truth,
  utcTime,
  utf8String,
} from './der';
import { ipBytes } from './ip-bytes';

/** Parts of a name, in their order. */
export type Subject = readonly (readonly [attribute: 'O' | 'CN', value: string])[];

/** What a certificate says. */
export interface CertificateForm {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly subject: Subject; readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** What its key is for; left out: anything, as far as the certificate goes. */
  readonly usage?: 'authority' | 'server' | 'client';
  /** Host names and IP addresses. */
  readonly hosts?: readonly string[];
}

const ATTRIBUTES = { O: objectId('2.5.4.10'), CN: objectId('2.5.4.3') } as const;
const USAGES = { server: objectId('1.3.6.1.5.5.7.3.1'), client: objectId('1.3.6.1.5.5.7.3.2') } as const;
const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const VERSION_3 = explicit(0, integer(Buffer.of(2)));

/** keyCertSign and cRLSign; digitalSignature. */
const SIGNS_CERTIFICATES = bitString(Buffer.of(0b0000_0110), 1);
const SIGNS = bitString(Buffer.of(0b1000_0000), 7);

const nameOf = (subject: Subject) =>
  sequence(...subject.map(([attribute, value]) => setOf(sequence(ATTRIBUTES[attribute], utf8String(value)))));

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });

/** By which a key is known to what it signed (RFC 7093). */
const keyId = (key: KeyObject) => createHash('sha256').update(spki(key)).digest().subarray(0, 20);

const extension = (id: string, value: Uint8Array, isCritical = false) =>
  sequence(objectId(id), ...(isCritical ? [truth] : []), octetString(value));

const hostOf = (host: string) => (isIP(host) ? implicit(7, ipBytes(host)) : implicit(2, Buffer.from(host)));

function extensions({ publicKey, issuer, usage, hosts = [] }: CertificateForm): Buffer {
  const isAuthority = usage === 'authority';
  return sequence(
    extension('2.5.29.19', sequence(...(isAuthority ? [truth] : [])), true),
    extension('2.5.29.15', isAuthority ? SIGNS_CERTIFICATES : SIGNS, true),
    ...(usage === undefined || isAuthority ? [] : [extension('2.5.29.37', sequence(USAGES[usage]))]),
    extension('2.5.29.14', octetString(keyId(publicKey))),
    extension('2.5.29.35', sequence(implicit(0, keyId(issuer.publicKey)))),
    ...(hosts.length > 0 ? [extension('2.5.29.17', sequence(...hosts.map(hostOf)))] : []),
  );
}

/** Makes and signs a certificate; PEM. */
export function certificatePem(form: CertificateForm): string {
  const body = sequence(
    VERSION_3,
    // Positive, and not a short one.
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    nameOf(form.issuer.subject),
    sequence(utcTime(form.notBefore), utcTime(form.notAfter)),
    nameOf(form.subject),
    spki(form.publicKey),
    explicit(3, extensions(form)),
  );
  const signature = sign('sha256', body, form.issuer.privateKey);
  const whole = sequence(body, ECDSA_WITH_SHA256, bitString(signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
