// Finds the container that a checkpoint request names, in the kubelet's pods and among the runtime's containers.
import type { CriResponse } from '../../proto/load';
import type { RuntimeClient } from './cri/runtime-client';
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL } from './pods/labels';
import type { Pod } from './pods/pod';

type Listed = CriResponse<'ListContainers'>['containers'];

/**
 * A cache of the index of each list. It helps because the runtime client returns the same list until something changes.
 */
const indices = new WeakMap<Listed, ReadonlyMap<string, string>>();

const keyOf = (namespace = '', pod = '', container = '') => [namespace, pod, container].join('\0');

function indexOf(containers: Listed): ReadonlyMap<string, string> {
  const known = indices.get(containers);
  if (known) return known;
  const index = new Map<string, string>();
  for (const { id, labels } of containers) {
    const key = keyOf(labels[POD_NAMESPACE_LABEL], labels[POD_NAME_LABEL], labels[CONTAINER_NAME_LABEL]);
    // If several containers match, a kubelet uses the first one in the list.
    if (!index.has(key)) index.set(key, id);
  }
  indices.set(containers, index);
  return index;
}

/** The pods of a kubelet. */
export interface PodTable {
  /** Returns the pod with this namespace and name; undefined if there is no such pod. */
  find(namespace: string, name: string): Pod | undefined;
}

/** Returns whether the pod's manifest contains a container with this name. Init and ephemeral containers count. */
export function hasContainer(pod: Pod, name: string): boolean {
  return pod.spec.containers.some((container) => container.name === name);
}

/**
 * Finds the running container with a name by the labels in the runtime's list, as a kubelet does.
 * @param timeout timeout of each of the two CRI calls, nanoseconds
 * @param signal aborted when the client disconnects
 * @returns the container's id; undefined if no such container is running
 * @throws CriError if a call fails
 */
export async function findRunningContainer(
  runtime: RuntimeClient,
  wanted: { readonly namespace: string; readonly pod: string; readonly container: string },
  timeout: bigint,
  signal: AbortSignal,
): Promise<string | undefined> {
  // The second call would be sufficient, but a kubelet makes both calls.
  await runtime.call('ListPodSandbox', { filter: { state: { state: 'SANDBOX_READY' } } }, { timeout, signal });
  const { containers } = await runtime.call(
    'ListContainers',
    { filter: { state: { state: 'CONTAINER_RUNNING' } } },
    { timeout, signal },
  );
  return indexOf(containers).get(keyOf(wanted.namespace, wanted.pod, wanted.container));
}
