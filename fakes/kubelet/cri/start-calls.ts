// Makes the calls that a kubelet makes before it starts pods, in the order of a recorded start (kubelet 1.36.2).
import type { RuntimeClient } from './runtime-client';

/** The version of CRI that a kubelet sends with `Version`. */
const KUBELET_CRI_VERSION = '0.1.0';
/** Maximum delay of the start if a runtime does not respond to these calls, milliseconds of real time. */
const MAX_DELAY_MS = 2000;

/**
 * Makes the calls, one after another. Ignores their responses and errors, because a runtime does not have to implement
 * all of them.
 * @param timeout timeout of each call, nanoseconds
 */
export async function makeStartCalls(runtime: RuntimeClient, timeout: bigint): Promise<void> {
  const options = { timeout, signal: AbortSignal.timeout(MAX_DELAY_MS) };
  const calls = [
    () => runtime.call('ImageFsInfo', {}, options),
    () => runtime.call('RuntimeConfig', {}, options),
    () => runtime.call('Version', { version: KUBELET_CRI_VERSION }, options),
    () => runtime.call('Status', {}, options),
    () => runtime.call('ListContainers', { filter: {} }, options),
    () => runtime.call('ListImages', {}, options),
    () => runtime.call('ListPodSandbox', { filter: {} }, options),
  ];
  for (const call of calls) await call().catch(() => {});
}
