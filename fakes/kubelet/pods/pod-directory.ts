// Creates and removes the files of a pod on its node: the files that are mounted into containers, and the directories
// of their logs.
import { randomBytes } from 'node:crypto';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerFiles } from './container-config';
import type { Pod } from './pod';
import { logDirectory } from './sandbox-config';

const HOSTS = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';

/** Directories of the files of all pods. */
export interface PodPaths {
  /** The kubelet's root directory. Its directory `pods` contains the mounted files. */
  readonly rootDirectory: string;
  /** The directory of the logs of all pods. */
  readonly podLogs: string;
}

const podDirectory = (paths: PodPaths, pod: Pod) => path.join(paths.rootDirectory, 'pods', pod.uid);

/** Creates the directory of a pod's logs, to which the runtime writes. */
export async function makePodLogs(paths: PodPaths, pod: Pod): Promise<void> {
  await mkdir(logDirectory(paths.podLogs, pod), { recursive: true });
}

/** Creates the files that are mounted into one container, and the directory of its log. */
export async function makeContainerFiles(paths: PodPaths, pod: Pod, container: string): Promise<ContainerFiles> {
  const directory = path.join(podDirectory(paths, pod), 'containers', container);
  await mkdir(directory, { recursive: true, mode: 0o750 });
  await mkdir(path.join(logDirectory(paths.podLogs, pod), container), { recursive: true });
  const hosts = path.join(podDirectory(paths, pod), 'etc-hosts');
  const terminationLog = path.join(directory, randomBytes(4).toString('hex'));
  await writeFile(hosts, HOSTS, { mode: 0o644 });
  await writeFile(terminationLog, '', { mode: 0o666 });
  return { hosts, terminationLog };
}

/** Removes all files of a pod. */
export async function removePodFiles(paths: PodPaths, pod: Pod): Promise<void> {
  await rm(podDirectory(paths, pod), { recursive: true, force: true });
  await rm(logDirectory(paths.podLogs, pod), { recursive: true, force: true });
}

/** Removes the directories that held the files of pods, if they are empty. */
export async function removeEmptyDirectories({ rootDirectory, podLogs }: PodPaths): Promise<void> {
  // Keep log directories outside the root directory, because they may belong to another program.
  const logs = podLogs.startsWith(`${rootDirectory}${path.sep}`) ? [podLogs, path.dirname(podLogs)] : [];
  for (const directory of [path.join(rootDirectory, 'pods'), ...logs]) {
    if (directory !== rootDirectory) await rmdir(directory).catch(() => {});
  }
}
