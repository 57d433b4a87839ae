// The certificates of a target's kubelets, as files: one for their endpoints, and one of a client that may do everything.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { KubeletAccess } from '../../clients/kubelet-client';
import type { ClientAuthority } from '../subject/client-authority';

/** Where kubelets of the suite answer. */
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

/** Makes them in a directory of their own below `scratch` (0700, files 0600). */
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
