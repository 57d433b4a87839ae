// Pods that an ended kubelet leaves in a runtime which is not ours: a kubelet takes none down when it ends.
import { UserError } from '../../../fakes/base/user-error';
import type { CriClient } from '../../clients/cri-client';

/** Longest that one step of removal may take, seconds. */
const PATIENCE_SECONDS = 60;

async function sandboxes(cri: CriClient) {
  const outcome = await cri.call('ListPodSandbox', { filter: {} }, PATIENCE_SECONDS);
  if (!outcome.ok) throw new Error(`ListPodSandbox: ${outcome.code}: ${outcome.message}`);
  return outcome.response.items;
}

/** A kubelet ends every pod that it does not know. Throws UserError where somebody has pods in the runtime. */
export async function requireEmpty(cri: CriClient, endpoint: string): Promise<void> {
  const [first, ...more] = await sandboxes(cri);
  if (first)
    throw new UserError(
      `--runtime-endpoint ${endpoint}: it has ${more.length + 1} pods, such as ${first.metadata?.namespace}/${first.metadata?.name}, and a kubelet would end them all; give --kubelet-binary a runtime without pods, or none for the built-in fake`,
    );
}

/** Removes the pods of a node. */
export async function removePods(cri: CriClient, nodeName: string): Promise<void> {
  for (const { id, metadata } of await sandboxes(cri)) {
    if (!metadata?.name.endsWith(`-${nodeName}`)) continue;
    await cri.call('StopPodSandbox', { pod_sandbox_id: id }, PATIENCE_SECONDS);
    const outcome = await cri.call('RemovePodSandbox', { pod_sandbox_id: id }, PATIENCE_SECONDS);
    if (!outcome.ok && outcome.code !== 'NOT_FOUND')
      throw new Error(`RemovePodSandbox of ${metadata.name}: ${outcome.code}: ${outcome.message}`);
  }
}
