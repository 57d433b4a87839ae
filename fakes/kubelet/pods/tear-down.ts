// The end of a pod, in a kubelet's order: preStop, containers stopped, sandboxes stopped, containers removed, sandboxes removed.
import type { RuntimeClient } from '../cri/runtime-client';
import { NANOSECONDS_PER_SECOND } from '../go-durations';
import { CONTAINER_NAME_LABEL } from './labels';
import type { Pod } from './pod';
import type { PodView } from './pod-view';

/** How a pod is taken down. */
export interface TearDownOptions {
  readonly runtime: RuntimeClient;
  /** Nanoseconds of a CRI call. */
  readonly timeout: bigint;
  readonly signal: AbortSignal;
  /** Seconds that containers get at most, even where their pod grants more. */
  readonly graceSeconds: number;
}

/** Ends a pod. Throws CriError at the first call that fails, preStop aside. */
export async function tearDownPod(
  pod: Pod,
  view: PodView,
  { runtime, timeout, signal, graceSeconds }: TearDownOptions,
): Promise<void> {
  const grace = Math.min(graceSeconds, pod.spec.terminationGracePeriod);
  const call = { timeout, signal };
  const running = view.containers.filter(({ state }) => state === 'CONTAINER_RUNNING');
  await Promise.all(
    running.map(async ({ id, labels }) => {
      const spec = pod.spec.containers.find(({ name }) => name === labels[CONTAINER_NAME_LABEL]);
      if (grace > 0 && spec && spec.preStop.length > 0) {
        // A hook that fails or hangs does not keep its container.
        await runtime
          .call('ExecSync', { container_id: id, cmd: [...spec.preStop], timeout: String(grace) }, call)
          .catch(() => {});
      }
      await runtime.call(
        'StopContainer',
        { container_id: id, timeout: String(grace) },
        { timeout: timeout + BigInt(grace) * NANOSECONDS_PER_SECOND, signal },
      );
    }),
  );
  for (const { id } of view.sandboxes) await runtime.call('StopPodSandbox', { pod_sandbox_id: id }, call);
  for (const { id } of view.containers) await runtime.call('RemoveContainer', { container_id: id }, call);
  for (const { id } of view.sandboxes) await runtime.call('RemovePodSandbox', { pod_sandbox_id: id }, call);
}
