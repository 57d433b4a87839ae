// Finds the id of a running container through CRI.
import type { ContainerName } from '../../../specs/subject/subject';
import type { CriClient } from '../../clients/cri-client';

const RUNNING = { state: { state: 'CONTAINER_RUNNING' } } as const;

export type ContainerId = (name: ContainerName) => Promise<string>;

export const containerIdBy =
  (cri: CriClient): ContainerId =>
  async ({ namespace, pod, container }) => {
    const labels = {
      'io.kubernetes.pod.namespace': namespace,
      'io.kubernetes.pod.name': pod,
      'io.kubernetes.container.name': container,
    };
    const outcome = await cri.call('ListContainers', { filter: { ...RUNNING, label_selector: labels } });
    if (!outcome.ok) throw new Error(`ListContainers failed: ${outcome.code}: ${outcome.message}`);
    const [only, ...more] = outcome.response.containers;
    if (!only || more.length > 0)
      throw new Error(
        `${outcome.response.containers.length} running containers have the labels of ${namespace}/${pod}/${container}`,
      );
    return only.id;
  };
