// Makes simulated process ids on the node. They are the same in all parts of an archive.
import { seedOf } from '../../base/random';
import type { ContainerSnapshot } from '../snapshot';

const FIRST = 1000;
const RANGE = 30_000;

/** Returns the id of the sandbox's process on the node. */
export function sandboxHostPid(snapshot: ContainerSnapshot): number {
  return FIRST + (seedOf('sandbox', snapshot.sandboxId) % RANGE);
}

/**
 * Returns the id of a container's process on the node.
 *
 * @param pid id of the process in the container
 */
export function hostPid(snapshot: ContainerSnapshot, pid: number): number {
  return FIRST + RANGE + (seedOf('container', snapshot.containerId) % RANGE) + pid;
}
