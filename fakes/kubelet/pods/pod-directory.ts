// The files that a kubelet keeps for a pod on its node: what it mounts into containers, and where their logs go.
import { randomBytes } from 'node:crypto';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerFiles } from './container-config';
import type { Pod } from './pod';
import { logDirectory } from './sandbox-config';

const HOSTS = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';

/** Where a kubelet's files of pods are. */
export interface PodPlaces {
  readonly rootDirectory: string;
  readonly podLogs: string;
}

const podFolder = (places: PodPlaces, pod: Pod) => path.join(places.rootDirectory, 'pods', pod.uid);

/** Makes the folder of a pod's logs; the runtime writes into it. */
export async function makePodLogs(places: PodPlaces, pod: Pod): Promise<void> {
  await mkdir(logDirectory(places.podLogs, pod), { recursive: true });
}

/** Makes what is mounted into one container. */
export async function makeContainerFiles(places: PodPlaces, pod: Pod, container: string): Promise<ContainerFiles> {
  const folder = path.join(podFolder(places, pod), 'containers', container);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await mkdir(path.join(logDirectory(places.podLogs, pod), container), { recursive: true });
  const hosts = path.join(podFolder(places, pod), 'etc-hosts');
  const terminationLog = path.join(folder, randomBytes(4).toString('hex'));
  await writeFile(hosts, HOSTS, { mode: 0o644 });
  await writeFile(terminationLog, '', { mode: 0o666 });
  return { hosts, terminationLog };
}

/** Removes all that was made for a pod. */
export async function removePodFiles(places: PodPlaces, pod: Pod): Promise<void> {
  await rm(podFolder(places, pod), { recursive: true, force: true });
  await rm(logDirectory(places.podLogs, pod), { recursive: true, force: true });
}

/** Removes the folders around the pods' files, where nothing else is in them. */
export async function removeEmptyFolders({ rootDirectory, podLogs }: PodPlaces): Promise<void> {
  const own = podLogs.startsWith(`${rootDirectory}${path.sep}`) ? [podLogs, path.dirname(podLogs)] : [];
  for (const folder of [path.join(rootDirectory, 'pods'), ...own]) {
    if (folder !== rootDirectory) await rmdir(folder).catch(() => {});
  }
}
