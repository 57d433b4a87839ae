// The files by which clients reach a kubelet: in a private folder of their own, gone when the kubelet is.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Certificates } from '../pki/certificates';

/** Paths of PEM files, and the one bearer token that is taken. */
export interface Credentials {
  readonly certificateAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly token: string;
}

/**
 * Writes the files (0600, in a folder 0700); `remove` deletes them with their folder.
 * @param authority PEM by which clients know the endpoint
 */
export async function writeCredentials(
  certificates: Certificates,
  authority: string,
): Promise<Credentials & { remove(): Promise<void> }> {
  // With the process in its name, so that what a killed one left can be told.
  const directory = await mkdtemp(path.join(tmpdir(), `ckptest-kubelet-${process.pid}-`));
  const write = async (name: string, content: string) => {
    const file = path.join(directory, name);
    await writeFile(file, content, { mode: 0o600, flag: 'wx' });
    return file;
  };
  return {
    certificateAuthority: await write('ca.crt', authority),
    clientCertificate: await write('client.crt', certificates.client.certificate),
    clientKey: await write('client.key', certificates.client.key),
    token: randomBytes(32).toString('base64url'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
