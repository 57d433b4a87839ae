// A kubeconfig file: where the API server is, how it is known, and what is shown to it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { type ManifestField, rootField } from '../pods/manifest-field';

/** How an API server is reached; PEM throughout. */
export interface ApiAccess {
  /** `https://HOST:PORT`, a path behind it where there is one. */
  readonly server: string;
  readonly authority?: string;
  readonly insecure: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
}

/** What the fake cannot do to get credentials. */
const UNSUPPORTED = ['exec', 'auth-provider', 'username', 'as'];

/** Text of a file named by `key`, or of the base64 in `key-data`; undefined where neither is there. */
async function material(field: ManifestField, key: string, directory: string): Promise<string | undefined> {
  const data = field.get(`${key}-data`);
  if (!data.isAbsent) return Buffer.from(data.string(), 'base64').toString();
  const name = field.get(key);
  if (name.isAbsent) return undefined;
  return await readNamed(name, directory);
}

async function readNamed(name: ManifestField, directory: string): Promise<string> {
  try {
    return await readFile(path.resolve(directory, name.string()), 'utf8');
  } catch (error) {
    return name.fail(`names ${name.string()}, which cannot be read (${errorCodeOrText(error)})`);
  }
}

/** The entry of that name in one of the lists. */
function named(root: ManifestField, list: string, wanted: ManifestField, inner: string): ManifestField {
  const name = wanted.string();
  const found = root
    .get(list)
    .list()
    .find((entry) => entry.get('name').value === name);
  return found ? found.get(inner) : wanted.fail(`is ${JSON.stringify(name)}, which is not among ${list}`);
}

async function accessOf(root: ManifestField, directory: string): Promise<ApiAccess> {
  const context = named(root, 'contexts', root.get('current-context'), 'context');
  const cluster = named(root, 'clusters', context.get('cluster'), 'cluster');
  const user = context.get('user').isAbsent ? context.get('user') : named(root, 'users', context.get('user'), 'user');
  const server = cluster.get('server').string();
  if (!/^https?:\/\/[^/]+/.test(server)) cluster.get('server').fail('must be a URL such as https://127.0.0.1:6443');
  if (!user.isAbsent) {
    for (const key of UNSUPPORTED) {
      if (!user.get(key).isAbsent) user.get(key).fail('is not supported: give a token or a client certificate');
    }
  }
  const authority = await material(cluster, 'certificate-authority', directory);
  const certificate = user.isAbsent ? undefined : await material(user, 'client-certificate', directory);
  const key = user.isAbsent ? undefined : await material(user, 'client-key', directory);
  const tokenFile = user.isAbsent ? user : user.get('tokenFile');
  const token = tokenFile.isAbsent
    ? user.isAbsent
      ? ''
      : user.get('token').string('')
    : (await readNamed(tokenFile, directory)).trim();
  return {
    server: server.replace(/\/+$/, ''),
    insecure: cluster.get('insecure-skip-tls-verify').boolean(false),
    ...(authority && { authority }),
    ...(certificate && { certificate }),
    ...(key && { key }),
    ...(token && { token }),
  };
}

/** Reads a kubeconfig. Throws UserError, with file and line, for what cannot be used. */
export async function readKubeconfig(file: string): Promise<ApiAccess> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`The kubeconfig ${file} cannot be read (${errorCodeOrText(error)}): name one that is there.`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return accessOf(rootField({ file, document, lines }, 'a kubeconfig'), path.dirname(path.resolve(file)));
}
