// What the runtime has of one pod, or of all, at one moment.
import type { Container } from '../../../proto/types/runtime/v1/Container';
import type { PodSandbox } from '../../../proto/types/runtime/v1/PodSandbox';
import type { CallOptions, RuntimeClient } from '../cri/runtime-client';
import { POD_UID_LABEL } from './labels';

export interface PodView {
  /** Before the runtime was asked; milliseconds of the process, to tell an old look from a new one. */
  readonly takenAt: number;
  readonly sandboxes: readonly PodSandbox[];
  readonly containers: readonly Container[];
}

/** Looks at the runtime: at the pod with that uid, or at everything. Throws CriError. */
export async function lookAtPods(runtime: RuntimeClient, options: CallOptions, uid?: string): Promise<PodView> {
  const takenAt = performance.now();
  const filter = uid === undefined ? {} : { label_selector: { [POD_UID_LABEL]: uid } };
  const { items } = await runtime.call('ListPodSandbox', { filter }, options);
  const { containers } = await runtime.call('ListContainers', { filter }, options);
  return { takenAt, sandboxes: items, containers };
}

interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
}

/** Lists by pod: on a full node every pod looks for its own in the same lists. */
const sorted = new WeakMap<readonly Labelled[], ReadonlyMap<string, readonly Labelled[]>>();

function ownOf<Item extends Labelled>(items: readonly Item[], uid: string): readonly Item[] {
  let byPod = sorted.get(items) as ReadonlyMap<string, readonly Item[]> | undefined;
  if (!byPod) {
    const made = new Map<string, Item[]>();
    for (const item of items) {
      const key = item.labels[POD_UID_LABEL] ?? '';
      const own = made.get(key);
      if (own) own.push(item);
      else made.set(key, [item]);
    }
    byPod = made;
    sorted.set(items, made);
  }
  return byPod.get(uid) ?? [];
}

/** The part of a view that belongs to one pod. */
export function viewOf(all: PodView, uid: string): PodView {
  return { ...all, sandboxes: ownOf(all.sandboxes, uid), containers: ownOf(all.containers, uid) };
}
