// Finds CRI calls that a target does not implement. Proxies in front of runtimes often forward only the calls that they
// know.
import { UserError } from '../../fakes/base/user-error';
import type { CriRequestInit, CriUnaryMethod } from '../../proto/load';
import type { CriClient } from '../clients/cri-client';

const ABSENT = 'ckptest-absent';
const PROBE_SECONDS = 20;

/**
 * A harmless request for each call that specs and kubelets make. The containers, sandboxes and images in these requests
 * do not exist.
 */
const PROBES: { readonly [M in CriUnaryMethod]?: CriRequestInit<M> } = {
  Status: {},
  ListPodSandbox: { filter: { id: ABSENT } },
  PodSandboxStatus: { pod_sandbox_id: ABSENT },
  StopPodSandbox: { pod_sandbox_id: ABSENT },
  RemovePodSandbox: { pod_sandbox_id: ABSENT },
  ListContainers: { filter: { id: ABSENT } },
  ContainerStatus: { container_id: ABSENT },
  StopContainer: { container_id: ABSENT },
  RemoveContainer: { container_id: ABSENT },
  ExecSync: { container_id: ABSENT, cmd: ['true'] },
  ReopenContainerLog: { container_id: ABSENT },
  ListImages: { filter: { image: { image: ABSENT } } },
  ImageStatus: { image: { image: ABSENT } },
  RemoveImage: { image: { image: ABSENT } },
};

/** The calls that remove things. If the target lacks one of these calls, the suite creates nothing. */
const REMOVALS = ['StopContainer', 'RemoveContainer', 'StopPodSandbox', 'RemovePodSandbox'] as const;

/** The calls that a kubelet needs to run pods. */
const OF_KUBELETS = [
  'Status',
  'ListPodSandbox',
  'PodSandboxStatus',
  'ListContainers',
  'ContainerStatus',
  'ImageStatus',
];

/** The calls that a target does not implement, with its error messages. */
export type MissingCalls = ReadonlyMap<string, string>;

const isMethod = (name: string): name is CriUnaryMethod => name in PROBES;

/**
 * Makes each call once, for containers and images that do not exist. Returns the calls that the target does not
 * implement.
 *
 * @param endpoint the endpoint that messages name
 * @throws UserError if a call that removes something is missing
 */
export async function findMissingCalls(client: CriClient, endpoint: string): Promise<MissingCalls> {
  const rows = Object.entries(PROBES).map(async ([method, request]) => {
    const outcome = isMethod(method) ? await client.call(method, request, PROBE_SECONDS) : undefined;
    return outcome?.ok === false && outcome.code === 'UNIMPLEMENTED' ? [[method, outcome.message] as const] : [];
  });
  const missing = new Map((await Promise.all(rows)).flat());
  const [needed] = REMOVALS.filter((method) => missing.has(method));
  if (needed !== undefined)
    throw new UserError(
      `--runtime-endpoint ${endpoint}: it does not implement ${needed} (${missing.get(needed)}), so the suite could not remove what it creates; name the socket of the runtime itself`,
    );
  return missing;
}

/** Returns the reason why rules that need a missing call are unsupported. */
export const missingReason = (method: string, message: string): string =>
  `the runtime, or a proxy in front of it, does not implement ${method} (UNIMPLEMENTED: ${message})`;

/** Returns why no kubelet can run on the target; undefined if a kubelet can run. */
export function kubeletLack(missing: MissingCalls): string | undefined {
  const needed = OF_KUBELETS.find((method) => missing.has(method));
  return needed === undefined ? undefined : `a kubelet needs it: ${missingReason(needed, missing.get(needed) ?? '')}`;
}

/** Returns the part of a target's description about missing calls. */
export const withoutText = (missing: MissingCalls): string =>
  missing.size === 0 ? '' : `, without ${[...missing.keys()].join(', ')} (UNIMPLEMENTED)`;
