// Makes the annotations in CRI-O's configuration of a container: CRI-O's own annotations, and copies of the annotations
// of the pod and the container.

import { goJson, goMap } from '../../go/json';
import { rfc3339Nano } from '../../go/time';
import type { ContainerSnapshot } from '../snapshot';
import { containerStoreName, storageImageId } from './crio-metadata';
import { layerDirectory, sandboxDirectory } from './crio-platform';

const PREFIX = 'io.kubernetes.cri-o.';

/** Writes a map as JSON text. Go writes a nil map as `null`. */
const mapText = (map: Readonly<Record<string, string>>) => goJson(goMap(map) ?? null);

function volumes({ mounts }: ContainerSnapshot): string {
  if (mounts.length === 0) return 'null';
  return goJson(
    mounts.map(({ containerPath, hostPath, readonly }) => ({
      container_path: containerPath,
      host_path: hostPath,
      readonly,
      recursive_read_only: false,
      propagation: 0,
      selinux_relabel: false,
    })),
  );
}

/** Returns CRI-O's own annotations without their prefix. */
function ownAnnotations(snapshot: ContainerSnapshot): Record<string, string> {
  const { podName, podNamespace, podUid, podAttempt = 0, imageRef, attempt } = snapshot;
  const image = storageImageId(snapshot);
  return {
    Annotations: mapText(snapshot.annotations),
    ContainerID: snapshot.containerId,
    ContainerType: 'container',
    Created: rfc3339Nano(snapshot.createdAt),
    Image: image,
    ImageName: snapshot.image,
    ImageRef: image,
    ImageRepoDigests: imageRef.includes('@') ? imageRef : '',
    Labels: mapText(snapshot.labels),
    LogPath: snapshot.logPath,
    Metadata: goJson({ name: snapshot.containerName, attempt: attempt || undefined }),
    MountPoint: `${layerDirectory(snapshot)}/merged`,
    Name: containerStoreName(snapshot),
    ResolvPath: `${sandboxDirectory(snapshot)}/resolv.conf`,
    SandboxID: snapshot.sandboxId,
    SandboxName: ['k8s', podName, podNamespace, podUid, podAttempt].join('_'),
    SeccompProfilePath: 'Unconfined',
    Stdin: 'false',
    StdinOnce: 'false',
    TTY: 'false',
    Volumes: volumes(snapshot),
  };
}

/** Returns all annotations in the order of their names. The runtime's annotations replace others with the same name. */
export function crioAnnotations(snapshot: ContainerSnapshot): Record<string, string> | undefined {
  return goMap({
    ...snapshot.podAnnotations,
    ...snapshot.labels,
    ...snapshot.annotations,
    'io.container.manager': 'cri-o',
    'io.kubernetes.container.name': snapshot.containerName,
    'io.kubernetes.pod.name': snapshot.podName,
    'io.kubernetes.pod.namespace': snapshot.podNamespace,
    'io.kubernetes.pod.uid': snapshot.podUid,
    'platform-runtime-path.crio.io': '',
    ...Object.fromEntries(Object.entries(ownAnnotations(snapshot)).map(([name, value]) => [PREFIX + name, value])),
  });
}
