// Removes the pods that a stopped kubelet leaves in a runtime of the user.
import { UserError } from '../../../fakes/base/user-error';
import type { CriClient } from '../../clients/cri-client';

/** Time limit for one step of the removal, seconds. */
const PATIENCE_SECONDS = 60;

async function sandboxes(cri: CriClient) {
  const outcome = await cri.call('ListPodSandbox', { filter: {} }, PATIENCE_SECONDS);
  if (!outcome.ok) throw new Error(`ListPodSandbox: ${outcome.code}: ${outcome.message}`);
  return outcome.response.items;
}

/**
 * Requires a runtime without pods, because a kubelet would stop all pods that it does not know.
 *
 * @throws UserError if the runtime has pods
 */
export async function requireEmpty(cri: CriClient, endpoint: string): Promise<void> {
  const [first, ...more] = await sandboxes(cri);
  if (first)
    throw new UserError(
      `--runtime-endpoint ${endpoint}: it has ${more.length + 1} pods, such as ${first.metadata?.namespace}/${first.metadata?.name}, and a kubelet would stop them all; give a runtime without pods, or omit the flag to use the built-in fake`,
    );
}

/**
 * Removes the pods of one node. The names of these pods end with the name of the node. Throws Error if a pod cannot be
 * removed.
 */
export async function removePods(cri: CriClient, nodeName: string): Promise<void> {
  for (const { id, metadata } of await sandboxes(cri)) {
    if (!metadata?.name.endsWith(`-${nodeName}`)) continue;
    await cri.call('StopPodSandbox', { pod_sandbox_id: id }, PATIENCE_SECONDS);
    const outcome = await cri.call('RemovePodSandbox', { pod_sandbox_id: id }, PATIENCE_SECONDS);
    if (!outcome.ok && outcome.code !== 'NOT_FOUND')
      throw new Error(`RemovePodSandbox of ${metadata.name}: ${outcome.code}: ${outcome.message}`);
  }
}
