// The static pods that every node of the suite has, one container for each state that a rule speaks of.
import fs from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { ContainerName } from '../../specs/subject';
import type { CriClient } from '../clients/cri-client';
import { ask } from './ask';

/** Longest that the pods of a node may take to come up: no rule speaks of that. Milliseconds. */
const PODS_PATIENCE_MS = 60_000;

// A shell that is the first process of its container ignores TERM unless it is told what to do.
const COUNT = "trap 'exit 0' TERM; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done";

export interface PodContainers {
  readonly running: ContainerName;
  readonly other: ContainerName;
  readonly exited: ContainerName;
  readonly exitedInit: ContainerName;
  readonly neverCreated: ContainerName;
}

/** The names that a kubelet of this node name gives the containers: a static pod's name ends in the node's. */
export function podContainers(nodeName: string): PodContainers {
  const mixed = { namespace: 'ckptest', pod: `mixed.v1-${nodeName}` };
  return {
    running: { namespace: 'default', pod: `counter-${nodeName}`, container: 'count' },
    other: { ...mixed, container: 'main' },
    exited: { ...mixed, container: 'done' },
    exitedInit: { ...mixed, container: 'setup' },
    neverCreated: { ...mixed, container: 'absent' },
  };
}

function manifests(image: string): Record<string, object> {
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
    'counter.yaml': pod({ name: 'counter' }, { containers: [container('count', COUNT)] }),
    'mixed.yaml': pod(
      { name: 'mixed.v1', namespace: 'ckptest' },
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

/** Writes the manifests into an existing folder. */
export async function writeManifests(folder: string, image: string): Promise<void> {
  for (const [file, manifest] of Object.entries(manifests(image)))
    await fs.writeFile(path.join(folder, file), stringify(manifest));
}

/** What the runtime does not have yet of the containers, with the state that is waited for. */
async function missing(cri: CriClient, { running, other, exited, exitedInit }: PodContainers): Promise<string[]> {
  const wanted = [
    [running, 'CONTAINER_RUNNING'],
    [other, 'CONTAINER_RUNNING'],
    [exited, 'CONTAINER_EXITED'],
    [exitedInit, 'CONTAINER_EXITED'],
  ] as const;
  const outcome = await cri.call('ListContainers', { filter: {} });
  const found = outcome.ok ? outcome.response.containers : [];
  const isThere = (name: ContainerName, state: string) =>
    found.some(
      ({ labels, state: seen }) =>
        seen === state &&
        labels['io.kubernetes.pod.namespace'] === name.namespace &&
        labels['io.kubernetes.pod.name'] === name.pod &&
        labels['io.kubernetes.container.name'] === name.container,
    );
  return wanted
    .filter(([name, state]) => !isThere(name, state))
    .map(([name, state]) => `${name.pod}/${name.container} ${state}`);
}

/** Waits until the runtime has them all as they have to be; `check` throws where waiting has no sense any more. */
export async function podsAreUp(cri: CriClient, containers: PodContainers, check: () => void): Promise<void> {
  const probe = async () => {
    check();
    return missing(cri, containers);
  };
  const [up, left] = await ask(probe, (names) => names.length === 0, PODS_PATIENCE_MS);
  if (!up)
    throw new Error(`the pods of the suite did not come up within ${PODS_PATIENCE_MS / 1000} s: ${left.join(', ')}`);
}
