// Makes the authority whose client certificates the suite's kubelets accept, and a second authority that they do not
// trust.
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

  /** The certificate of the known authority, PEM. */
  get pem(): string {
    return this.known.certificate;
  }

  readonly issue: IssueCertificate = ({ name, groups = [], expired, authority }) =>
    (authority === 'another' ? this.unknown : this.known).client({ name, groups }, expired && 'expired');
}
