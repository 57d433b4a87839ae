// The authority whose client certificates the suite's kubelets take, and one that they have never heard of.
import { type Authority, makeAuthority } from '../../../fakes/pki/certificates';
import type { CertificateOptions } from '../../../specs/subject/access';
import type { Credentials } from '../../../specs/subject/http';

export type IssueCertificate = (options: CertificateOptions) => Promise<Credentials>;

export class ClientAuthority {
  private constructor(
    readonly known: Authority,
    readonly unknown: Authority,
  ) {}

  static async make(): Promise<ClientAuthority> {
    const [known, unknown] = await Promise.all([makeAuthority(), makeAuthority()]);
    return new ClientAuthority(known, unknown);
  }

  /** PEM, for kubelets. */
  get pem(): string {
    return this.known.certificate;
  }

  readonly issue: IssueCertificate = ({ name, groups = [], expired, authority }) =>
    (authority === 'another' ? this.unknown : this.known).client({ name, groups }, expired && 'expired');
}
