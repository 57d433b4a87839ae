// Lists the sandboxes and containers of one pod or of all pods that the runtime has at one moment.
import type { Container } from '../../../proto/types/runtime/v1/Container';
import type { PodSandbox } from '../../../proto/types/runtime/v1/PodSandbox';
import type { CriCallOptions, RuntimeClient } from '../cri/runtime-client';
import { POD_UID_LABEL } from './labels';

export interface PodView {
  /** Time before the calls to the runtime, milliseconds of `performance.now`, to compare the ages of views. */
  readonly takenAt: number;
  readonly sandboxes: readonly PodSandbox[];
  readonly containers: readonly Container[];
}

/**
 * Lists the runtime's sandboxes and containers.
 * @param uid uid of one pod. Default: all pods
 * @throws CriError if a call fails
 */
export async function listPods(runtime: RuntimeClient, options: CriCallOptions, uid?: string): Promise<PodView> {
  const takenAt = performance.now();
  const filter = uid === undefined ? {} : { label_selector: { [POD_UID_LABEL]: uid } };
  const { items } = await runtime.call('ListPodSandbox', { filter }, options);
  const { containers } = await runtime.call('ListContainers', { filter }, options);
  return { takenAt, sandboxes: items, containers };
}

interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A cache of lists that were grouped by pod. Without it, every pod on a full node would search the whole lists for its
 * own items.
 */
const grouped = new WeakMap<readonly Labelled[], ReadonlyMap<string, readonly Labelled[]>>();

function ownOf<Item extends Labelled>(items: readonly Item[], uid: string): readonly Item[] {
  let byPod = grouped.get(items) as ReadonlyMap<string, readonly Item[]> | undefined;
  if (!byPod) {
    const groups = new Map<string, Item[]>();
    for (const item of items) {
      const key = item.labels[POD_UID_LABEL] ?? '';
      const own = groups.get(key);
      if (own) own.push(item);
      else groups.set(key, [item]);
    }
    byPod = groups;
    grouped.set(items, groups);
  }
  return byPod.get(uid) ?? [];
}

/** Returns the part of a view of all pods that belongs to one pod. */
export function viewOf(all: PodView, uid: string): PodView {
  return { ...all, sandboxes: ownOf(all.sandboxes, uid), containers: ownOf(all.containers, uid) };
}
