// Writes the files that a client needs to connect to the kubelet into a private temporary directory.
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { privateDirectory } from '../base/private-directory';
import type { TlsIdentity } from './tls-identity';

/** The credentials of a client: paths of PEM files and a bearer token. */
export interface KubeletCredentials {
  readonly certificateAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** The only token that the kubelet accepts without asking an API server. */
  readonly token: string;
}

/**
 * Writes the credentials into a new directory (mode 0700, files 0600).
 * @param identity the kubelet's certificates
 * @returns the credentials; `close` deletes the directory
 */
export async function writeCredentials({
  certificates,
  authority,
}: TlsIdentity): Promise<{ readonly credentials: KubeletCredentials; close(): Promise<void> }> {
  // The directory's name contains the process id, which shows whether a killed process left the directory behind.
  const directory = await privateDirectory('kubelet');
  const write = async (name: string, content: string) => {
    const file = path.join(directory, name);
    await writeFile(file, content, { mode: 0o600, flag: 'wx' });
    return file;
  };
  return {
    credentials: {
      certificateAuthority: await write('ca.crt', authority),
      clientCertificate: await write('client.crt', certificates.client.certificate),
      clientKey: await write('client.key', certificates.client.key),
      token: randomBytes(32).toString('base64url'),
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
