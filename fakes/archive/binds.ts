// Handles bind mounts, which are directories and files of the host that are mounted into a container.
import type { ContainerSnapshot } from './snapshot';

/** A bind mount. */
export interface Bind {
  /** Absolute path in the container. */
  readonly destination: string;
  /** Absolute path on the host. */
  readonly source: string;
  /** Mount options, as in the OCI runtime configuration. */
  readonly options: readonly string[];
}

/** Destinations that are files by convention. All other destinations are assumed to be directories. */
const FILE_TARGETS = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/run/.containerenv']);

/** Returns whether a destination is a file, for binds whose source does not exist on the host. */
export function isFileTarget(snapshot: ContainerSnapshot, destination: string): boolean {
  return FILE_TARGETS.has(destination) || destination === terminationLog(snapshot);
}

/** Returns the path of the container's termination message, which the kubelet sets; undefined if it is not set. */
export function terminationLog({ annotations }: ContainerSnapshot): string | undefined {
  return annotations['io.kubernetes.container.terminationMessagePath'];
}

/**
 * Sorts binds by the depth of their destinations, because a mount inside another mount must be mounted later.
 *
 * @returns the binds, from the least to the greatest depth. Binds of the same depth keep their order
 */
export function byDepth(binds: readonly Bind[]): Bind[] {
  return binds
    .map((bind) => ({ bind, depth: bind.destination.split('/').filter((part) => part !== '').length }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ bind }) => bind);
}

/** Caches the binds of each snapshot, because every part of an archive needs them. */
export function cachedBinds(rule: (snapshot: ContainerSnapshot) => readonly Bind[]): typeof rule {
  const cache = new WeakMap<ContainerSnapshot, readonly Bind[]>();
  return (snapshot) => {
    const known = cache.get(snapshot);
    if (known) return known;
    const binds = rule(snapshot);
    cache.set(snapshot, binds);
    return binds;
  };
}
