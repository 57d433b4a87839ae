// The annotations that CRI-O gives a container's configuration: its own notes, and copies of the pod's and container's.

import { goJson, goMap } from '../../go/json';
import { rfc3339Nano } from '../../go/time';
import type { ContainerSnapshot } from '../snapshot';
import { containerStoreName, storageImageId } from './crio-metadata';
import { layerDirectory, sandboxDirectory } from './crio-platform';

const OWN = 'io.kubernetes.cri-o.';

/** A Go map or slice as JSON text; one that was never made is `null`. */
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

function notes(snapshot: ContainerSnapshot): Record<string, string> {
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

/** All of them, sorted; the runtime's own words win. */
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
    ...Object.fromEntries(Object.entries(notes(snapshot)).map(([name, value]) => [OWN + name, value])),
  });
}
