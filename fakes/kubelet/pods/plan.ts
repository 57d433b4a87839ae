// Determines which containers of a pod to start next. It makes no calls.
import type { ContainerSpec, Pod } from './pod';

/** The facts about a container on which the plan depends. */
export interface ContainerFacts {
  readonly state: 'waiting' | 'running' | 'exited';
  readonly exitCode: number;
  /** Time before which the container is not started again, milliseconds since the epoch. */
  readonly notBefore: number;
}

export interface Plan {
  /** Containers to start now, one after another. */
  readonly start: readonly ContainerSpec[];
  /**
   * Whether no further step is needed soon, because all containers that can run were started or a failed container must
   * wait.
   */
  readonly settled: boolean;
}

/** Returns whether the pod's restart policy restarts an exited container. */
function restarts(pod: Pod, container: ContainerSpec, exitCode: number): boolean {
  if (container.isSidecar) return true;
  if (container.kind === 'ephemeral') return false;
  const isFinished = exitCode === 0 && container.kind === 'init';
  return (
    !isFinished && (pod.spec.restartPolicy === 'Always' || (pod.spec.restartPolicy === 'OnFailure' && exitCode !== 0))
  );
}

/**
 * Plans one step: init containers start one after another, then all other containers at once.
 * @param facts states of the containers by name
 * @param now current time, milliseconds since the epoch
 */
export function planPod(pod: Pod, facts: ReadonlyMap<string, ContainerFacts>, now: number): Plan {
  const mayStart = (container: ContainerSpec) => {
    const known = facts.get(container.name);
    if (!known || known.state === 'waiting') return now >= (known?.notBefore ?? 0);
    return known.state === 'exited' && restarts(pod, container, known.exitCode) && now >= known.notBefore;
  };
  const start: ContainerSpec[] = [];
  for (const container of pod.spec.containers.filter(({ kind }) => kind === 'init')) {
    const known = facts.get(container.name);
    if (known?.state === 'exited' && known.exitCode === 0 && !container.isSidecar) continue;
    if (mayStart(container)) start.push(container);
    if (container.isSidecar) continue;
    return { start, settled: start.length === 0 && known?.state !== 'running' };
  }
  for (const container of pod.spec.containers)
    if (container.kind !== 'init' && mayStart(container)) start.push(container);
  return { start, settled: start.length === 0 };
}

/**
 * Returns the pause before a container is started again, as in a kubelet: no pause at first, then 10 s, and then twice
 * the previous pause, up to 5 min.
 * @param failures how many times the container has failed
 * @returns the pause, milliseconds
 */
export function backOff(failures: number): number {
  return failures <= 1 ? 0 : Math.min(10_000 * 2 ** (failures - 2), 300_000);
}
