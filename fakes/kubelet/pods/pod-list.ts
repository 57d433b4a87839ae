// Makes the lists of pods that `/pods` and `/runningpods` return.
import type { RuntimeClient } from '../cri/runtime-client';
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from './labels';
import type { ContainerSpec } from './pod';
import type { ContainerRecord } from './pod-worker';
import type { PodReport } from './supervisor';

function stateOf(record: ContainerRecord | undefined): object {
  if (record?.state === 'running') return { running: {} };
  if (record?.state === 'exited') {
    const { exitCode } = record;
    return { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } };
  }
  const message = record?.message ?? '';
  return { waiting: { reason: record?.reason || 'PodInitializing', ...(message !== '' && { message }) } };
}

function statusOf(container: ContainerSpec, record: ContainerRecord | undefined): object {
  return {
    name: container.name,
    state: stateOf(record),
    ready:
      record?.state === 'running' || (container.kind === 'init' && record?.state === 'exited' && record.exitCode === 0),
    restartCount: Math.max(record?.attempt ?? 0, 0),
    image: container.image,
    ...(record?.id && { containerID: record.id }),
  };
}

function phaseOf({ pod, containers }: PodReport): string {
  const states = pod.spec.containers.filter(({ kind }) => kind === 'regular').map(({ name }) => containers.get(name));
  if (states.some((record) => record?.state === 'running')) return 'Running';
  if (states.some((record) => record?.state !== 'exited')) return 'Pending';
  if (pod.spec.restartPolicy === 'Always') return 'Running';
  return states.every((record) => record?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

function podOf(report: PodReport): object {
  const { pod, containers } = report;
  const ofKind = (kind: ContainerSpec['kind']) => pod.spec.containers.filter((container) => container.kind === kind);
  const specs = (kind: ContainerSpec['kind']) =>
    ofKind(kind).map(({ name, image, command, args, imagePullPolicy }) => ({
      name,
      image,
      command,
      args,
      imagePullPolicy,
    }));
  const statuses = (kind: ContainerSpec['kind']) =>
    ofKind(kind).map((container) => statusOf(container, containers.get(container.name)));
  return {
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      labels: pod.labels,
      annotations: pod.annotations,
    },
    spec: {
      initContainers: specs('init'),
      containers: specs('regular'),
      restartPolicy: pod.spec.restartPolicy,
      hostNetwork: pod.spec.hostNetwork,
      ...(ofKind('ephemeral').length > 0 && { ephemeralContainers: specs('ephemeral') }),
    },
    status: {
      phase: phaseOf(report),
      initContainerStatuses: statuses('init'),
      containerStatuses: statuses('regular'),
      ...(ofKind('ephemeral').length > 0 && { ephemeralContainerStatuses: statuses('ephemeral') }),
    },
  };
}

/** Returns the list of the kubelet's pods as a v1 PodList in JSON. */
export function podList(reports: readonly PodReport[]): string {
  return JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: reports.map(podOf) });
}

/**
 * Returns the pods of the runtime's running containers as a v1 PodList in JSON. The pods have only names and images,
 * because a kubelet makes this list from the runtime's list.
 * @param timeout timeout of the CRI call, nanoseconds
 * @throws CriError if the call fails
 */
export async function runningPodList(runtime: RuntimeClient, timeout: bigint): Promise<string> {
  const { containers } = await runtime.call(
    'ListContainers',
    { filter: { state: { state: 'CONTAINER_RUNNING' } } },
    { timeout },
  );
  const pods = new Map<string, { readonly metadata: object; readonly containers: object[] }>();
  for (const { labels, image } of containers) {
    const uid = labels[POD_UID_LABEL];
    if (uid === undefined) continue;
    const metadata = { name: labels[POD_NAME_LABEL], namespace: labels[POD_NAMESPACE_LABEL], uid };
    const pod = pods.get(uid) ?? { metadata, containers: [] };
    pod.containers.push({ name: labels[CONTAINER_NAME_LABEL], image: image?.image ?? '', resources: {} });
    pods.set(uid, pod);
  }
  const items = [...pods.values()].map((pod) => ({
    metadata: pod.metadata,
    spec: { containers: pod.containers },
    status: {},
  }));
  return JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
}
