// Numbers that a node would give the container's processes: made up, yet the same wherever they are told.
import { seedOf } from '../../base/random';
import type { ContainerSnapshot } from '../snapshot';

const FIRST = 1000;
const RANGE = 30_000;

/** Process id of the sandbox on the node. */
export function sandboxHostPid(snapshot: ContainerSnapshot): number {
  return FIRST + (seedOf('sandbox', snapshot.sandboxId) % RANGE);
}

/** Process id on the node of a process of the container. */
export function hostPid(snapshot: ContainerSnapshot, pid: number): number {
  return FIRST + RANGE + (seedOf('container', snapshot.containerId) % RANGE) + pid;
}
