// The files that a kubelet keeps for a pod on its node: what it mounts into containers, and where their logs go.
import { randomBytes } from 'node:crypto';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerFiles } from './container-config';
import type { Pod } from './pod';
import { logDirectory } from './sandbox-config';

const HOSTS = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';

/** Where a kubelet's files of pods are. */
export interface PodPaths {
  readonly rootDirectory: string;
  readonly podLogs: string;
}

const podDirectory = (places: PodPaths, pod: Pod) => path.join(places.rootDirectory, 'pods', pod.uid);

/** Makes the folder of a pod's logs; the runtime writes into it. */
export async function makePodLogs(places: PodPaths, pod: Pod): Promise<void> {
  await mkdir(logDirectory(places.podLogs, pod), { recursive: true });
}

/** Makes what is mounted into one container. */
export async function makeContainerFiles(places: PodPaths, pod: Pod, container: string): Promise<ContainerFiles> {
  const directory = path.join(podDirectory(places, pod), 'containers', container);
  await mkdir(directory, { recursive: true, mode: 0o750 });
  await mkdir(path.join(logDirectory(places.podLogs, pod), container), { recursive: true });
  const hosts = path.join(podDirectory(places, pod), 'etc-hosts');
  const terminationLog = path.join(directory, randomBytes(4).toString('hex'));
  await writeFile(hosts, HOSTS, { mode: 0o644 });
  await writeFile(terminationLog, '', { mode: 0o666 });
  return { hosts, terminationLog };
}

/** Removes all that was made for a pod. */
export async function removePodFiles(places: PodPaths, pod: Pod): Promise<void> {
  await rm(podDirectory(places, pod), { recursive: true, force: true });
  await rm(logDirectory(places.podLogs, pod), { recursive: true, force: true });
}

/** Removes the folders around the pods' files, where nothing else is in them. */
export async function removeEmptyDirectories({ rootDirectory, podLogs }: PodPaths): Promise<void> {
  const own = podLogs.startsWith(`${rootDirectory}${path.sep}`) ? [podLogs, path.dirname(podLogs)] : [];
  for (const directory of [path.join(rootDirectory, 'pods'), ...own]) {
    if (directory !== rootDirectory) await rmdir(directory).catch(() => {});
  }
}
