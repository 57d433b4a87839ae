// What a kubelet asks of its runtime before it has pods to bring up, in the order of a recorded start (1.36.2).
import type { CallOptions, RuntimeClient } from './runtime-client';

/** The version of its own side of CRI that a kubelet tells. */
const KUBELET_CRI_VERSION = '0.1.0';

/**
 * Asks, one question after another. No answer changes anything here, and none of them keeps a kubelet from starting:
 * a runtime need not know them all.
 */
export async function askAtStart(runtime: RuntimeClient, options: CallOptions): Promise<void> {
  const questions = [
    () => runtime.call('ImageFsInfo', {}, options),
    () => runtime.call('RuntimeConfig', {}, options),
    () => runtime.call('Version', { version: KUBELET_CRI_VERSION }, options),
    () => runtime.call('Status', {}, options),
    () => runtime.call('ListContainers', { filter: {} }, options),
    () => runtime.call('ListImages', {}, options),
    () => runtime.call('ListPodSandbox', { filter: {} }, options),
  ];
  for (const ask of questions) await ask().catch(() => {});
}
