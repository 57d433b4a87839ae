// Finds what a checkpoint request names: first among the kubelet's own pods, then among what runs in the runtime.
import type { CriResponse } from '../../proto/load';
import type { RuntimeClient } from './cri/runtime-client';
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL } from './pods/labels';
import type { Pod } from './pods/pod';

type Listed = CriResponse<'ListContainers'>['containers'];

/** Ids by pod and name, of lists that are asked for again and again. */
const indices = new WeakMap<Listed, ReadonlyMap<string, string>>();

const keyOf = (namespace = '', pod = '', container = '') => [namespace, pod, container].join('\0');

function indexOf(containers: Listed): ReadonlyMap<string, string> {
  const known = indices.get(containers);
  if (known) return known;
  const index = new Map<string, string>();
  for (const { id, labels } of containers) {
    const key = keyOf(labels[POD_NAMESPACE_LABEL], labels[POD_NAME_LABEL], labels[CONTAINER_NAME_LABEL]);
    // Of several the first one counts, as in the list.
    if (!index.has(key)) index.set(key, id);
  }
  indices.set(containers, index);
  return index;
}

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
  return indexOf(containers).get(keyOf(wanted.namespace, wanted.pod, wanted.container));
}
