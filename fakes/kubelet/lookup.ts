// Finds what a checkpoint request names: first among the kubelet's own pods, then among what runs in the runtime.
import type { RuntimeClient } from './cri/runtime-client';
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL } from './pods/labels';
import type { Pod } from './pods/pod';

/** The pods of a kubelet, by name. */
export interface PodTable {
  find(namespace: string, name: string): Pod | undefined;
}

/** Whether a pod's manifest has such a container, whatever its kind. */
export function hasContainer(pod: Pod, name: string): boolean {
  return pod.spec.containers.some((container) => container.name === name);
}

/**
 * Id of the running container of that name, as the kubelet finds it: by the labels of what the runtime lists.
 * Throws CriError.
 * @param timeout nanoseconds for each of the two calls
 */
export async function findRunningContainer(
  runtime: RuntimeClient,
  wanted: { readonly namespace: string; readonly pod: string; readonly container: string },
  timeout: bigint,
  signal: AbortSignal,
): Promise<string | undefined> {
  // The kubelet asks for both, though the second would do.
  await runtime.call('ListPodSandbox', { filter: { state: { state: 'SANDBOX_READY' } } }, { timeout, signal });
  const { containers } = await runtime.call(
    'ListContainers',
    { filter: { state: { state: 'CONTAINER_RUNNING' } } },
    { timeout, signal },
  );
  return containers.find(
    ({ labels }) =>
      labels[POD_NAMESPACE_LABEL] === wanted.namespace &&
      labels[POD_NAME_LABEL] === wanted.pod &&
      labels[CONTAINER_NAME_LABEL] === wanted.container,
  )?.id;
}
