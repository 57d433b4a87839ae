// Connects to a kubelet that is already running: directly with credentials, or through the API server.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import { readKubeconfig } from '../../../fakes/kubelet/api-client/kubeconfig';
import type { KubeletAccess } from '../../clients/kubelet-client';
import type { KubeletTargetSettings } from '../target-settings';

export interface KubeletConnection {
  readonly access: KubeletAccess;
  /** The flags that name the kubelet, for messages. */
  readonly named: string;
  readonly isDirect: boolean;
}

async function text(flag: string, file: string): Promise<string> {
  return await fs.readFile(file, 'utf8').catch((error: unknown) => {
    throw new UserError(`${flag} ${file}: it cannot be read (${errorText(error)}); name an existing file`);
  });
}

/**
 * Checks that a PEM file contains an item of this kind, and returns the path of the file. Throws UserError if the file
 * does not contain such an item.
 */
async function pem(flag: string, file: string, kind: string, parse: (content: string) => unknown): Promise<string> {
  const content = await text(flag, file);
  try {
    parse(content);
  } catch {
    throw new UserError(`${flag} ${file}: it contains no ${kind}; name a PEM file with one`);
  }
  return file;
}

const certificate = (flag: string, file: string) =>
  pem(flag, file, 'certificate', (content) => new X509Certificate(content));

/** Returns `https://host:port` of a URL that the user typed. Throws UserError for any other kind of URL. */
function origin(typed: string): string {
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '')
    throw new UserError(`--kubelet-endpoint ${typed}: give a URL such as https://node:10250`);
  return url.origin;
}

async function direct(settings: KubeletTargetSettings, endpoint: string): Promise<KubeletConnection> {
  const { certificateAuthority, clientCertificate, clientKey, tokenFile, insecureSkipTlsVerify } = settings;
  const token = tokenFile === undefined ? settings.token : (await text('--token-file', tokenFile)).trim();
  const key = (file: string) => pem('--client-key', file, 'private key', (content) => createPrivateKey(content));
  return {
    named: `--kubelet-endpoint ${endpoint}`,
    isDirect: true,
    access: {
      url: origin(endpoint),
      ...(certificateAuthority && {
        certificateAuthority: await certificate('--certificate-authority', certificateAuthority),
      }),
      ...(clientCertificate && { clientCertificate: await certificate('--client-certificate', clientCertificate) }),
      ...(clientKey && { clientKey: await key(clientKey) }),
      ...(token && { token }),
      insecure: insecureSkipTlsVerify,
    },
  };
}

/** Writes the certificates of a kubeconfig into private files, because the client needs paths. */
async function proxied(node: string, kubeconfig: string, scratch: string): Promise<KubeletConnection> {
  const { server, authority, insecure, certificate: shown, key, token } = await readKubeconfig(kubeconfig);
  const write = async (name: string, content: string | undefined) => {
    const file = path.join(scratch, name);
    if (content !== undefined) await fs.writeFile(file, content, { mode: 0o600, flag: 'wx' });
    return content === undefined ? undefined : file;
  };
  const url = new URL(server);
  const [certificateAuthority, clientCertificate, clientKey] = [
    await write('api-server-ca.crt', authority),
    await write('api-client.crt', shown),
    await write('api-client.key', key),
  ];
  return {
    named: `--node ${node} (--kubeconfig ${kubeconfig})`,
    isDirect: false,
    access: {
      url: url.origin,
      basePath: `${url.pathname.replace(/\/+$/, '')}/api/v1/nodes/${encodeURIComponent(node)}/proxy`,
      ...(certificateAuthority && { certificateAuthority }),
      ...(clientCertificate && { clientCertificate }),
      ...(clientKey && { clientKey }),
      ...(token && { token }),
      insecure,
    },
  };
}

/**
 * Reads the flags that name a kubelet and its credentials.
 *
 * @param scratch a private directory for credentials from a kubeconfig
 * @throws UserError if a file or a URL is not valid
 */
export function kubeletConnection(settings: KubeletTargetSettings, scratch: string): Promise<KubeletConnection> {
  const { kubeletEndpoint = '', node, kubeconfig = '' } = settings;
  return node === undefined ? direct(settings, kubeletEndpoint) : proxied(node, kubeconfig, scratch);
}
