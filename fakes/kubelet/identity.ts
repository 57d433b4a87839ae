// What the endpoint and its clients show each other.

import type { TlsOptions } from '../go/net-http/listener';
import { makeCertificates } from '../pki/certificates';
import { ClientBundle } from '../pki/client-bundle';
import { servingKeyPair } from './serving-certificate';
import type { KubeletSettings } from './settings';
import { tlsChoices } from './tls-settings';

export interface Identity {
  readonly certificates: Awaited<ReturnType<typeof makeCertificates>>;
  /** PEM by which clients know the endpoint. */
  readonly authority: string;
  readonly bundle: ClientBundle;
  /** As the bundle is now. */
  tls(): TlsOptions;
}

/**
 * Makes or reads certificates. Throws UserError for what cannot be used.
 * @param clientAuthorities PEM of authorities whose client certificates are taken too
 */
export async function makeIdentity(
  settings: KubeletSettings,
  nodeName: string,
  clientAuthorities: readonly string[],
): Promise<Identity> {
  const choices = tlsChoices(settings);
  const names = new Set([settings.address, '127.0.0.1', '::1', 'localhost', nodeName]);
  const certificates = await makeCertificates([...names]);
  const serving = await servingKeyPair(settings, certificates);
  const authority = serving === certificates.serving ? certificates.authority : serving.certificate;
  const bundle = new ClientBundle([certificates.authority, ...clientAuthorities], settings.clientCAFile);
  return { certificates, authority, bundle, tls: () => ({ ...serving, ...choices, clientAuthorities: bundle.pem }) };
}
