// Writes the certificates of a target's kubelets to files: a serving certificate, and a client certificate with all
// permissions.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { KubeletAccess } from '../../clients/kubelet-client';
import type { ClientAuthority } from '../subject/client-authority';

/** The names under which kubelets of the suite are reached. */
const NAMES = ['127.0.0.1', 'localhost'];
const ADMIN = { name: 'admin', groups: ['system:masters'] };

/** Paths of PEM files. */
export interface ServingFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Pki {
  readonly serving: ServingFiles;
  readonly client: Required<Pick<KubeletAccess, 'certificateAuthority' | 'clientCertificate' | 'clientKey'>>;
}

/**
 * Writes the certificates into `pki` below a directory.
 *
 * @param scratch private directory. `pki` has the mode 0700, and its files have the mode 0600
 */
export async function writePki(scratch: string, { known }: ClientAuthority): Promise<Pki> {
  const [serving, client] = await Promise.all([known.serving(NAMES), known.client(ADMIN)]);
  const directory = path.join(scratch, 'pki');
  await fs.mkdir(directory, { mode: 0o700 });
  const write = async (name: string, text: string) => {
    const file = path.join(directory, name);
    await fs.writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return file;
  };
  return {
    serving: {
      certificate: await write('kubelet.crt', serving.certificate),
      key: await write('kubelet.key', serving.key),
    },
    client: {
      certificateAuthority: await write('ca.crt', known.certificate),
      clientCertificate: await write('client.crt', client.certificate),
      clientKey: await write('client.key', client.key),
    },
  };
}
