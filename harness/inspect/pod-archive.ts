// Recognizes archives of pods: of Podman, and of CheckpointPod of containerd and CRI-O.
import type { Archive } from '../../specs/archive-file/reader';
import type { TarMember } from '../../specs/archive-file/tar-walk';
import type { Contents } from './contents';
import { printable } from './findings';
import { isObject } from './metadata';

/** Files that describe a pod in the archive of a pod. */
const DESCRIPTIONS = ['pod-config.json', 'checkpoint-manifest.json', 'pod.options', 'pod.dump'] as const;
const CONTAINER = /\.tar(\.(gz|zst))?$/;
/** Maximum number of containers that are inspected. */
const MAX_CONTAINERS = 100;

/** Returns the archives of containers inside the archive of a pod; an empty list if it is not the archive of a pod. */
export function containersOfPod(archive: Archive): readonly TarMember[] {
  if (archive.hasImages || !DESCRIPTIONS.some((name) => archive.member(name))) return [];
  return archive.members.filter(({ path }) => CONTAINER.test(path)).slice(0, MAX_CONTAINERS);
}

/** Returns the name and the namespace of the pod, if its archive contains them. */
export async function podIdentity(contents: Contents): Promise<{ podName?: string; podNamespace?: string }> {
  const config = contents.member('pod-config.json') ? await contents.json('pod-config.json') : undefined;
  const metadata = isObject(config) && isObject(config['metadata']) ? config['metadata'] : {};
  const { name, namespace } = metadata;
  return {
    ...(typeof name === 'string' && { podName: printable(name) }),
    ...(typeof namespace === 'string' && { podNamespace: printable(namespace) }),
  };
}
