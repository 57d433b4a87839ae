// Stops and removes a pod in the kubelet's order: preStop hooks, stop containers, stop sandboxes, remove both.
import type { Clock } from '../../base/clock';
import { LinkedAbort } from '../../base/linked-abort';
import { NANOSECONDS_PER_SECOND } from '../../go/duration';
import type { RuntimeClient } from '../cri/runtime-client';
import { CONTAINER_NAME_LABEL } from './labels';
import type { Pod } from './pod';
import type { PodView } from './pod-view';

/** How a pod is stopped and removed. */
export interface TearDownOptions {
  readonly runtime: RuntimeClient;
  /** Timeout of each CRI call, nanoseconds. */
  readonly timeout: bigint;
  readonly signal: AbortSignal;
  /** Maximum grace period, seconds, even if the pod has a longer grace period. */
  readonly graceSeconds: number;
  readonly clock: Clock;
}

/** Minimum grace period of a container after its hook, seconds, as in a kubelet. */
const MIN_GRACE_SECONDS = 2;

/**
 * Runs a preStop hook. A hook that fails or hangs does not prevent the stop.
 * @param grace maximum duration of the hook, seconds
 * @returns the remaining grace period for the container, seconds
 */
async function preStop(
  id: string,
  command: readonly string[],
  grace: number,
  { runtime, signal, clock }: TearDownOptions,
): Promise<number> {
  const start = clock.now();
  using hook = new LinkedAbort(signal);
  const disarm = clock.after(grace * 1000, () => hook.abort());
  await runtime
    .call('ExecSync', { container_id: id, cmd: [...command], timeout: '0' }, { signal: hook.signal })
    .catch(() => {});
  disarm();
  const left = grace - Math.floor((clock.now() - start) / 1000);
  return Math.max(left, MIN_GRACE_SECONDS);
}

/**
 * Stops and removes a pod.
 * @param view the pod's sandboxes and containers
 * @throws CriError for the first failed call that does not belong to a hook
 */
export async function tearDownPod(pod: Pod, view: PodView, options: TearDownOptions): Promise<void> {
  const { runtime, timeout, signal } = options;
  const granted = Math.min(options.graceSeconds, pod.spec.terminationGracePeriod);
  const call = { timeout, signal };
  const running = view.containers.filter(({ state }) => state === 'CONTAINER_RUNNING');
  await Promise.all(
    running.map(async ({ id, labels }) => {
      const spec = pod.spec.containers.find(({ name }) => name === labels[CONTAINER_NAME_LABEL]);
      const hasHook = granted > 0 && spec !== undefined && spec.preStop.length > 0;
      const grace = hasHook ? await preStop(id, spec.preStop, granted, options) : granted;
      await runtime.call(
        'StopContainer',
        { container_id: id, timeout: String(grace) },
        { timeout: timeout + BigInt(grace) * NANOSECONDS_PER_SECOND, signal },
      );
    }),
  );
  for (const { id } of view.sandboxes) await runtime.call('StopPodSandbox', { pod_sandbox_id: id }, call);
  for (const { id } of view.containers) await runtime.call('RemoveContainer', { container_id: id }, call);
  for (const { id } of view.sandboxes) {
    // Like a kubelet, stop a sandbox again before removing it.
    await runtime.call('StopPodSandbox', { pod_sandbox_id: id }, call);
    await runtime.call('RemovePodSandbox', { pod_sandbox_id: id }, call);
  }
}
