// Reads a kubeconfig file: the URL of the API server, its authority, and the client's credentials.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { parseYaml } from '../../base/yaml-text';
import { rootField, type YamlField } from '../yaml-field';

/** The URL of an API server and the client's credentials, in PEM. */
export interface ApiAccess {
  /** The URL of the API server: `https://HOST:PORT`, with a path if the API server is below a path. */
  readonly server: string;
  readonly authority?: string;
  /** Whether the client does not verify the server's certificate. */
  readonly insecure: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
}

/** Fields of a user, for kinds of credentials that the fake does not support. */
const UNSUPPORTED = ['exec', 'auth-provider', 'username', 'as'];

/** Returns the PEM text in `key-data` (base64), or in the file that `key` names; undefined if neither is set. */
async function pemOf(field: YamlField, key: string, directory: string): Promise<string | undefined> {
  const data = field.get(`${key}-data`);
  if (!data.isAbsent) return Buffer.from(data.string(), 'base64').toString();
  const name = field.get(key);
  if (name.isAbsent) return undefined;
  return await readNamed(name, directory);
}

async function readNamed(name: YamlField, directory: string): Promise<string> {
  try {
    return await readFile(path.resolve(directory, name.string()), 'utf8');
  } catch (error) {
    return name.fail(`names ${name.string()}, which cannot be read (${errorCodeOrText(error)})`);
  }
}

/** Returns the entry with a name from one of the lists of a kubeconfig. */
function named(root: YamlField, list: string, wanted: YamlField, inner: string): YamlField {
  const name = wanted.string();
  const found = root
    .get(list)
    .list()
    .find((entry) => entry.get('name').value === name);
  return found ? found.get(inner) : wanted.fail(`is ${JSON.stringify(name)}, which is not among ${list}`);
}

async function accessOf(root: YamlField, directory: string): Promise<ApiAccess> {
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
  const authority = await pemOf(cluster, 'certificate-authority', directory);
  const certificate = user.isAbsent ? undefined : await pemOf(user, 'client-certificate', directory);
  const key = user.isAbsent ? undefined : await pemOf(user, 'client-key', directory);
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

/**
 * Reads the current context of a kubeconfig.
 * @param file path of the kubeconfig; paths in it are relative to its directory
 * @returns how to connect to the API server
 * @throws UserError with file and line if something is missing or not supported
 */
export async function readKubeconfig(file: string): Promise<ApiAccess> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`The kubeconfig ${file} cannot be read (${errorCodeOrText(error)}): name an existing file.`);
  }
  return accessOf(rootField({ file, ...parseYaml(text) }, 'a kubeconfig'), path.dirname(path.resolve(file)));
}
