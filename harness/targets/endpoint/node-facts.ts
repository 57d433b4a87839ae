// Determines from flags and probes what specs can see and do on a node that is already running. Everything else is
// unsupported, with a reason.
import fs from 'node:fs/promises';
import path from 'node:path';
import { Unsupported } from '../../../specs/subject/expect';
import type { HttpQuery } from '../../../specs/subject/http';
import type { Need } from '../../../specs/subject/subject';
import type { KubeletClient } from '../../clients/kubelet-client';
import { NO_ADMIN, type RuntimeAdmin } from '../subject/runtime-admin';
import type { KubeletTargetSettings } from '../target-settings';
import type { KubeletConnection } from './access';
import type { CreatedArchives } from './created-archives';
import type { RemoteControl } from './remote-control';

const KEEPS_CONFIGURATION =
  'the configuration of a kubelet that is already running cannot be changed; give --kubelet-binary, so that the suite can start the kubelet with other configurations';
const ALONE =
  'a kubelet stops every pod that it does not know, so the suite can create nothing in its runtime; give only --runtime-endpoint to test the runtime';
const UNSEEN = 'the calls to the runtime cannot be observed from here; give --runtime-control if it is a served fake';

/** The documented root directory of a kubelet; see D14 in specs/catalogue/catalogue.md. */
const DOCUMENTED_ROOT = '/var/lib/kubelet';

/**
 * Returns the missing capabilities: those that are never available on a running kubelet, and those that need another
 * flag.
 */
export function lacksOf(
  { access, isDirect }: KubeletConnection,
  control: RemoteControl | undefined,
): Partial<Record<Need, string>> {
  const raw = isDirect
    ? 'raw bytes can only be sent with a client certificate; give --client-certificate and --client-key'
    : 'an API server does not forward raw bytes; connect to the kubelet directly with --kubelet-endpoint';
  return {
    'kubelet-configuration': KEEPS_CONFIGURATION,
    'kubelet-version': KEEPS_CONFIGURATION,
    'default-root-directory': KEEPS_CONFIGURATION,
    'api-server': KEEPS_CONFIGURATION,
    'client-certificates': KEEPS_CONFIGURATION,
    'read-only-port': KEEPS_CONFIGURATION,
    'severable-runtime': KEEPS_CONFIGURATION,
    ...(isDirect && access.clientCertificate ? {} : { 'raw-connection': raw }),
    ...(control ? {} : { 'call-log': UNSEEN, 'runtime-faults': UNSEEN }),
    runtime: ALONE,
    'runtime-restart': ALONE,
    'log-files': ALONE,
  };
}

/**
 * Maps paths on the node to paths on this machine.
 *
 * @returns the mapping of --checkpoint-dir, or the identity without that flag
 */
export function localPaths({ checkpointDir }: KubeletTargetSettings): (file: string) => string {
  if (checkpointDir === undefined) return (file) => file;
  const [target, local] = checkpointDir;
  const root = target.replace(/\/+$/, '');
  return (file) => (file === root || file.startsWith(`${root}/`) ? path.join(local, file.slice(root.length)) : file);
}

/**
 * Checks whether an archive of the node exists on this machine.
 *
 * @returns no capability if it exists, else `files` with the reason
 */
export async function filesLack(
  file: string | undefined,
  local: (file: string) => string,
): Promise<Partial<Record<Need, string>>> {
  if (file === undefined)
    return { files: 'no checkpoint succeeded, so it is unknown whether archives are visible on this machine' };
  // Accept any kind of file: rules about archives fail if it is not a regular file.
  const isHere = await fs.lstat(local(file)).then(
    () => true,
    () => false,
  );
  if (isHere) return {};
  return {
    files: `the archive ${file} of the node does not exist on this machine at ${local(file)}, and stays on the node; give the local path of its directory with --checkpoint-dir TARGET=LOCAL`,
  };
}

/**
 * Returns the root directory of the kubelet: the directory that the control address reports, or the documented
 * directory if it contains the archive.
 *
 * @throws Unsupported if the root directory is unknown
 */
export function rootDirectory(reported: string | undefined, archive: string | undefined): string {
  if (reported !== undefined) return reported;
  if (archive !== undefined && path.dirname(archive) === path.join(DOCUMENTED_ROOT, 'checkpoints'))
    return DOCUMENTED_ROOT;
  throw new Unsupported('the root directory of a kubelet that is already running is unknown; give --kubelet-binary');
}

/**
 * Wraps a client. The wrapped client records the archives in responses. It throws Unsupported for a request whose
 * response would not show what the kubelet does, such as a request that an API server changes.
 */
export function filteringClient(
  client: KubeletClient,
  { isDirect }: Pick<KubeletConnection, 'isDirect'>,
  anonymousReason: string | undefined,
  archives: CreatedArchives,
): Pick<KubeletClient, 'request' | 'raw'> {
  return {
    raw: (query, signal) => client.raw(query, signal),
    async request(query: HttpQuery) {
      const { credentials = 'allowed', target } = query;
      if (credentials !== 'allowed' && anonymousReason !== undefined) throw new Unsupported(anonymousReason);
      if (!isDirect && /\/\/|\/\.\.?(\/|$)/.test(target.split('?')[0] ?? ''))
        throw new Unsupported(
          'an API server cleans paths before it forwards them; connect to the kubelet directly with --kubelet-endpoint',
        );
      const askedAtMs = Date.now();
      const answer = await client.request(query);
      archives.notice(answer, askedAtMs);
      if (!isDirect && answer.status >= 300 && answer.status < 400)
        throw new Unsupported(
          'an API server rewrites redirects; connect to the kubelet directly with --kubelet-endpoint',
        );
      return answer;
    },
  };
}

/** The admin interface for a runtime that the suite can neither observe nor change. */
export const UNOBSERVED_RUNTIME: RuntimeAdmin = {
  ...NO_ADMIN,
  watch: async () => {
    throw new Unsupported(UNSEEN);
  },
  during: (fault, action) => (fault === 'refuses' ? action() : Promise.reject(new Unsupported(UNSEEN))),
};
