// What to do next for a pod: which containers to start, given what is known of each. Decides, and does nothing.
import type { ContainerSpec, Pod } from './pod';

/** What is known of a container of a pod. */
export interface ContainerFacts {
  readonly state: 'waiting' | 'running' | 'exited';
  readonly exitCode: number;
  /** Milliseconds since the epoch before which it is not started again. */
  readonly notBefore: number;
}

export interface Plan {
  /** To be started now, one after another. */
  readonly start: readonly ContainerSpec[];
  /** Nothing will happen by itself soon: all that can run was started, or a failed start is waited out. */
  readonly settled: boolean;
}

/** Whether an exited container is started again. */
function restarts(pod: Pod, container: ContainerSpec, exitCode: number): boolean {
  if (container.isSidecar) return true;
  if (container.kind === 'ephemeral') return false;
  const isOver = exitCode === 0 && container.kind === 'init';
  return !isOver && (pod.spec.restartPolicy === 'Always' || (pod.spec.restartPolicy === 'OnFailure' && exitCode !== 0));
}

/** Plans one step at `now` (milliseconds since the epoch): init containers one after another, then all others at once. */
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

/** Pause before a container is started for the so-many-th time again (ms): none at first, then 10 s doubling to 5 minutes. */
export function backOff(failures: number): number {
  return failures <= 1 ? 0 : Math.min(10_000 * 2 ** (failures - 2), 300_000);
}
