// Makes the certificates of the HTTPS port and the authorities of its clients.

import type { TlsOptions } from '../go/net-http/listener';
import { makeCertificates } from '../pki/certificates';
import { ClientBundle } from '../pki/client-bundle';
import type { ResolvedOptions } from './options';
import { servingKeyPair } from './serving-certificate';
import { tlsChoices } from './tls-settings';

export interface TlsIdentity {
  readonly certificates: Awaited<ReturnType<typeof makeCertificates>>;
  /** PEM certificate with which clients verify the server. */
  readonly authority: string;
  /** Authorities of client certificates. */
  readonly bundle: ClientBundle;
  /** TLS options with the current content of the bundle. */
  tls(): TlsOptions;
}

/**
 * Creates the kubelet's certificates, or reads those that its settings name.
 * @returns the certificates of the server and the authorities of its clients
 * @throws UserError if a file or a TLS setting cannot be used
 */
export async function makeTlsIdentity({
  settings,
  nodeName,
  clientAuthorities,
}: Pick<ResolvedOptions, 'settings' | 'nodeName' | 'clientAuthorities'>): Promise<TlsIdentity> {
  const choices = tlsChoices(settings);
  const names = new Set([settings.address, '127.0.0.1', '::1', 'localhost', nodeName]);
  const certificates = await makeCertificates([...names]);
  const serving = await servingKeyPair(settings, certificates);
  const authority = serving === certificates.serving ? certificates.authority : serving.certificate;
  const bundle = new ClientBundle([certificates.authority, ...clientAuthorities], settings.clientCAFile);
  return { certificates, authority, bundle, tls: () => ({ ...serving, ...choices, clientAuthorities: bundle.pem }) };
}
