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

/** The part of a view that belongs to one pod. */
export function viewOf(all: PodView, uid: string): PodView {
  const isOwn = ({ labels }: { readonly labels: Readonly<Record<string, string>> }) => labels[POD_UID_LABEL] === uid;
  return { ...all, sandboxes: all.sandboxes.filter(isOwn), containers: all.containers.filter(isOwn) };
}
