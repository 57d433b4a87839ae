// Defines the static pods on every node of the suite, with one container for each state that rules need.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { ContainerName } from '../../../specs/subject/subject';
import type { CriClient } from '../../clients/cri-client';
import { poll } from './poll';

/** Time for the pods of a node to start, milliseconds. No rule limits this time. */
const PODS_PATIENCE_MS = 60_000;

// A script that counts. It sets a handler for SIGTERM, because process 1 of a container ignores the signal without a
// handler.
const COUNT = "trap 'exit 0' TERM; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done";

export interface PodContainers {
  readonly running: ContainerName;
  readonly other: ContainerName;
  readonly exited: ContainerName;
  readonly exitedInit: ContainerName;
  readonly neverCreated: ContainerName;
}

/**
 * Returns the names of the containers on a node. The kubelet appends the node name to the name of a static pod.
 *
 * @param prefix prefix of the pod names
 */
export function podContainers(nodeName: string, prefix = ''): PodContainers {
  const mixed = { namespace: 'ckptest', pod: `${prefix}mixed.v1-${nodeName}` };
  return {
    running: { namespace: 'default', pod: `${prefix}counter-${nodeName}`, container: 'count' },
    other: { ...mixed, container: 'main' },
    exited: { ...mixed, container: 'done' },
    exitedInit: { ...mixed, container: 'setup' },
    neverCreated: { ...mixed, container: 'absent' },
  };
}

function manifests(image: string, prefix: string): Record<string, object> {
  const container = (name: string, script: string, from = image) => ({
    name,
    image: from,
    imagePullPolicy: 'Never',
    command: ['/bin/sh', '-c', script],
  });
  const pod = (metadata: object, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { hostNetwork: true, terminationGracePeriodSeconds: 1, ...spec },
  });
  return {
    'counter.yaml': pod({ name: `${prefix}counter` }, { containers: [container('count', COUNT)] }),
    'mixed.yaml': pod(
      { name: `${prefix}mixed.v1`, namespace: 'ckptest' },
      {
        restartPolicy: 'Never',
        initContainers: [container('setup', 'exit 0')],
        containers: [
          container('main', COUNT),
          container('done', 'exit 3'),
          container('absent', COUNT, 'registry.invalid/ckptest/absent:1'),
        ],
      },
    ),
  };
}

/**
 * Writes the manifests into an existing directory.
 *
 * @param prefix prefix of the names of pods and files
 * @returns the paths of the manifests
 */
export async function writeManifests(directory: string, image: string, prefix = ''): Promise<readonly string[]> {
  const written: string[] = [];
  for (const [name, manifest] of Object.entries(manifests(image, prefix))) {
    const file = path.join(directory, `${prefix}${name}`);
    // A kubelet ignores names that begin with a dot, so it never reads an incomplete manifest.
    const hidden = path.join(directory, `.${prefix}${name}`);
    await fs.writeFile(hidden, JSON.stringify(manifest), { flag: 'wx' });
    await fs.rename(hidden, file);
    written.push(file);
  }
  return written;
}

/** A container with its state, as the kubelet or the runtime reports it. */
export interface SeenContainer extends ContainerName {
  readonly state: 'running' | 'exited' | 'waiting';
  readonly isInit: boolean;
}

const STATES: Readonly<Record<string, SeenContainer['state']>> = {
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
};

/** Lists the containers of a runtime. CRI does not show which are init containers, so `isInit` is false. */
export async function containersOf(cri: CriClient): Promise<readonly SeenContainer[]> {
  const outcome = await cri.call('ListContainers', { filter: {} });
  const found = outcome.ok ? outcome.response.containers : [];
  return found.map(({ labels, state }) => ({
    namespace: labels['io.kubernetes.pod.namespace'] ?? '',
    pod: labels['io.kubernetes.pod.name'] ?? '',
    container: labels['io.kubernetes.container.name'] ?? '',
    state: STATES[state] ?? 'waiting',
    isInit: false,
  }));
}

/** Lists the containers that do not have the required state yet. */
function missing(seen: readonly SeenContainer[], { running, other, exited, exitedInit }: PodContainers): string[] {
  const wanted = [
    [running, 'running'],
    [other, 'running'],
    [exited, 'exited'],
    [exitedInit, 'exited'],
  ] as const;
  const isThere = ({ namespace, pod, container }: ContainerName, state: string) =>
    seen.some(
      (one) => one.state === state && one.namespace === namespace && one.pod === pod && one.container === container,
    );
  return wanted
    .filter(([name, state]) => !isThere(name, state))
    .map(([name, state]) => `${name.pod}/${name.container} ${state}`);
}

/**
 * Waits until the containers of the suite's pods have the required states.
 *
 * @param look returns the containers; throws an error if waiting is useless, such as when the kubelet has exited
 * @throws Error if the pods do not run in time
 */
export async function podsAreUp(
  look: () => Promise<readonly SeenContainer[]>,
  containers: PodContainers,
): Promise<void> {
  const probe = async () => missing(await look(), containers);
  const [up, left] = await poll(probe, (names) => names.length === 0, PODS_PATIENCE_MS);
  if (!up)
    throw new Error(`the pods of the suite did not start within ${PODS_PATIENCE_MS / 1000} s: ${left.join(', ')}`);
}
