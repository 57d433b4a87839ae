// Directories and files of the host in a container.
import type { ContainerSnapshot } from './snapshot';

/** A directory or file of the host in the container. */
export interface Bind {
  readonly destination: string;
  readonly source: string;
  /** As in the OCI runtime configuration. */
  readonly options: readonly string[];
}

/** Targets of binds that are files by convention; all others are taken for folders. */
const FILE_TARGETS = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/run/.containerenv']);

/** Whether a bind is a file, where the host does not tell. */
export function isFileTarget(snapshot: ContainerSnapshot, destination: string): boolean {
  return FILE_TARGETS.has(destination) || destination === terminationLog(snapshot);
}

/** Where the kubelet lets the container say why it ends; undefined where it did not say so. */
export function terminationLog({ annotations }: ContainerSnapshot): string | undefined {
  return annotations['io.kubernetes.container.terminationMessagePath'];
}

/** The shallower first, else in the order given: what lies below another mount is mounted after it. */
export function byDepth(binds: readonly Bind[]): Bind[] {
  return binds
    .map((bind) => ({ bind, depth: bind.destination.split('/').filter((part) => part !== '').length }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ bind }) => bind);
}

/** A rule that is asked for the same snapshot again and again. */
export function remembered(rule: (snapshot: ContainerSnapshot) => readonly Bind[]): typeof rule {
  const known = new WeakMap<ContainerSnapshot, readonly Bind[]>();
  return (snapshot) => {
    const before = known.get(snapshot);
    if (before) return before;
    const binds = rule(snapshot);
    known.set(snapshot, binds);
    return binds;
  };
}
