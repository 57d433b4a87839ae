// Makes the configuration with which a kubelet creates the sandbox of a pod.
import path from 'node:path';
import type { NamespaceOptionInit } from '../../../proto/types/runtime/v1/NamespaceOption';
import type { PodSandboxConfigInit } from '../../../proto/types/runtime/v1/PodSandboxConfig';
import { POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from './labels';
import type { Pod } from './pod';
import { criRunAs } from './security-context';

/** Returns the directory of the logs of a pod's containers. */
export function logDirectory(podLogs: string, pod: Pod): string {
  return path.join(podLogs, `${pod.namespace}_${pod.name}_${pod.uid}`);
}

/** Returns the labels that assign a sandbox or container to a pod. */
export function podLabels(pod: Pod): Record<string, string> {
  return { [POD_NAME_LABEL]: pod.name, [POD_NAMESPACE_LABEL]: pod.namespace, [POD_UID_LABEL]: pod.uid };
}

/** Returns which Linux namespaces the pod shares with the node or among its containers. */
export function namespaceOptions(pod: Pod): NamespaceOptionInit {
  return {
    network: pod.spec.hostNetwork ? 'NODE' : 'POD',
    pid: pod.spec.hostPid ? 'NODE' : 'CONTAINER',
    ipc: pod.spec.hostIpc ? 'NODE' : 'POD',
    userns_options: { mode: 'NODE' },
  };
}

/**
 * Builds the configuration of a sandbox.
 * @param podLogs directory of the logs of all pods
 * @param attempt how many times the pod's sandbox has been created before
 */
export function sandboxConfig(pod: Pod, podLogs: string, attempt: number): PodSandboxConfigInit {
  return {
    metadata: { name: pod.name, uid: pod.uid, namespace: pod.namespace, attempt },
    hostname: pod.spec.hostNetwork ? '' : pod.name.slice(0, 63),
    log_directory: logDirectory(podLogs, pod),
    labels: { ...pod.labels, ...podLabels(pod) },
    annotations: pod.annotations,
    linux: {
      security_context: {
        namespace_options: namespaceOptions(pod),
        seccomp: { profile_type: 'RuntimeDefault' },
        privileged: pod.spec.containers.some(({ security }) => security.privileged),
        ...criRunAs(pod.spec.security),
        supplemental_groups: pod.spec.security.groups.map(String),
      },
      overhead: {},
      resources: { cpu_period: '100000', cpu_shares: '2' },
    },
  };
}
