// Certificates of one kubelet's life: an authority, and what it signs for the endpoint and for one client.
import { generateKeyPairSync } from 'node:crypto';
import { type CertificateForm, certificatePem, type Subject } from './x509/certificate';

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

const HOUR_MS = 3_600_000;
const LIFE_MS = 365 * 24 * HOUR_MS;

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Validity from an hour ago on, so that clocks may differ. */
const validity = () => ({ notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + LIFE_MS) });

/** A day that is over for an hour. */
const pastValidity = () => ({
  notBefore: new Date(Date.now() - 25 * HOUR_MS),
  notAfter: new Date(Date.now() - HOUR_MS),
});

/** Signs what it is asked for; its key never leaves it. */
export interface Authority {
  /** PEM */
  readonly certificate: string;
  /** For an endpoint that answers at these host names and IP addresses. */
  serving(names: readonly string[]): Promise<KeyPair>;
  /** For a client: `expired` has ended an hour ago, `any-usage` does not say what it is for. */
  client(user: CertificateUser, kind?: 'expired' | 'any-usage'): Promise<KeyPair>;
  /** An authority that this one vouches for; what it signs comes with its own certificate behind it. */
  subordinate(): Authority;
}

/** How an authority is known to what it signs, and what it sends along. */
interface Issuer {
  readonly own: CertificateForm['issuer'];
  readonly certificate: string;
  readonly chain: string;
}

function authorityOf({ own, certificate, chain }: Issuer): Authority {
  const sign = (subject: Subject, form: Pick<CertificateForm, 'usage' | 'hosts'>, period = validity()): KeyPair => {
    const { publicKey, privateKey } = newKeys();
    return {
      certificate: certificatePem({ ...period, ...form, subject, publicKey, issuer: own }) + chain,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  };
  return {
    certificate,
    serving: async (hosts) => sign([['CN', 'kubelet']], { usage: 'server', hosts }),
    client: async ({ name, groups }, kind) =>
      sign(
        [...groups.map((group) => ['O', group] as const), ['CN', name]],
        kind === 'any-usage' ? {} : { usage: 'client' },
        kind === 'expired' ? pastValidity() : validity(),
      ),
    subordinate() {
      const { publicKey, privateKey } = newKeys();
      const subject: Subject = [['CN', 'kubelet subordinate authority']];
      const pem = certificatePem({ ...validity(), subject, publicKey, issuer: own, usage: 'authority' });
      return authorityOf({ own: { subject, publicKey, privateKey }, certificate: pem, chain: pem + chain });
    },
  };
}

/** Makes an authority. */
export async function makeAuthority(): Promise<Authority> {
  const own = { subject: [['CN', 'kubelet authority']] as const, ...newKeys() };
  const certificate = certificatePem({ ...validity(), ...own, issuer: own, usage: 'authority' });
  return authorityOf({ own, certificate, chain: '' });
}

/**
 * Makes all certificates; a few milliseconds of work.
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
